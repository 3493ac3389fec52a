"""Processes in which TensorFlow would wait for ever."""

from __future__ import annotations

from ferclassifier._utils.keras_door import was_tensorflow_forked
from ferclassifier.exceptions import ForkedProcessError


def check_not_forked() -> None:
    """Refuse to compute where nothing would come of it.

    Raises
    ------
    ForkedProcessError
        If this process was forked from one in which TensorFlow ran.
    """
    if was_tensorflow_forked():
        raise ForkedProcessError(
            "This process was forked from one that had used TensorFlow, without TensorFlow's "
            "threads, and would wait for them for ever. Load or fit models in the processes that "
            "use them (gunicorn: without --preload), or start these by spawn, as joblib's loky "
            'and multiprocessing.get_context("spawn") do.'
        )
