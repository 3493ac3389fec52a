"""The one door to Keras: what TensorFlow reads when it is loaded has been set behind it.

TensorFlow looks at its environment once. Whatever of the package needs Keras therefore takes it
from here, and whoever comes first, an architecture, a layer or the training, finds it prepared.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress

from ferclassifier._utils.startup_noise import without_startup_noise

_is_first = "tensorflow" not in sys.modules
if _is_first:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # Without oneDNN, TensorFlow's choice where the processor has no AVX512, training takes two
    # to three times as long there.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# Whoever sets a lower level wants to read what is said; this one passes to worker processes.
_is_quiet = _is_first and os.environ["TF_CPP_MIN_LOG_LEVEL"] not in ("0", "1")
# What TensorFlow is imported in, here or by another package.
quietly = without_startup_noise if _is_quiet else nullcontext

with quietly():
    import keras
    from keras import layers, ops

    if keras.backend.backend() == "tensorflow":
        # It looks for GPUs when it is first asked for them, and says that there are none.
        from tensorflow.config import list_physical_devices

        list_physical_devices()

__all__ = ["keras", "layers", "ops", "quietly", "was_tensorflow_forked"]

_was_forked = False


def _share_the_processor() -> None:
    """Let TensorFlow use the threads that a worker process has been given, and no more.

    joblib and Dask say so in OMP_NUM_THREADS, at which TensorFlow does not look: two workers on
    two cores would run four threads. What has been set for TensorFlow itself comes first. Its
    environment variables are not used here, since they would pass to the workers of this process.
    """
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if not threads.isdecimal() or threads == "0" or keras.backend.backend() != "tensorflow":
        return
    from tensorflow.config import threading as settings

    for kind in ("intra", "inter"):
        is_set = f"TF_NUM_{kind.upper()}OP_THREADS" in os.environ
        if not is_set and not getattr(settings, f"get_{kind}_op_parallelism_threads")():
            with suppress(RuntimeError):  # TensorFlow runs already
                getattr(settings, f"set_{kind}_op_parallelism_threads")(int(threads))


def was_tensorflow_forked() -> bool:
    """Whether this process was forked from one in which TensorFlow ran.

    It has none of the threads of TensorFlow, and whatever it asks of them waits for ever.
    """
    return _was_forked


def _note_fork() -> None:
    """Find out, in a process that has just been forked, whether TensorFlow runs already."""
    global _was_forked
    from tensorflow.config import threading as settings

    threads = settings.get_intra_op_parallelism_threads()
    try:
        settings.set_intra_op_parallelism_threads(threads + 1)
    except RuntimeError:  # not to be changed any more
        _was_forked = True
    else:
        settings.set_intra_op_parallelism_threads(threads)


_share_the_processor()
if hasattr(os, "register_at_fork") and keras.backend.backend() == "tensorflow":
    os.register_at_fork(after_in_child=_note_fork)
