"""Sessions of onnxruntime, as the package runs all its graphs."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ferclassifier._files.container import is_model_file, other_kind
from ferclassifier._utils.wording import shortened
from ferclassifier.exceptions import ModelFileError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MAX_BYTES = 2**30
_NOTHING = 4
_LONGEST_REASON = 200
# The name of another file in which weights are, in all ways of writing it that a reader takes.
_OTHER_FILE = re.compile(rb"(?:\x0a|\x8a\x80*\x00)(?:\x08|\x88\x80*\x00)location")


def open_session(
    model: str | PathLike[str] | bytes, *, n_threads: int | None = 1
) -> InferenceSession:
    """Open a session that computes on the processor and keeps no memory that it does not need.

    Parameters
    ----------
    model : str, path-like or bytes
        An ONNX file, or its content.
    n_threads : int or None, default=1
        Threads that one call uses; None takes what OMP_NUM_THREADS says, or all processors that
        this process may use. They sleep between calls.

    Returns
    -------
    session : onnxruntime.InferenceSession

    Raises
    ------
    ModelFileError
        A ValueError: if it is no ONNX file, damaged, or one that onnxruntime cannot run.
    OSError
        If there is no file, or it cannot be read.
    """
    if isinstance(model, bytes):
        return _session(model, n_threads)
    path = Path(model)
    content = read_onnx_file(path)
    try:
        return _session(content, n_threads)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error


def read_onnx_file(path: Path) -> bytes:
    """Read a file that may be one of ONNX, as far as its name, its size and its first bytes say.

    Raises
    ------
    ModelFileError
        If it is none.
    OSError
        If there is no file, or it cannot be read.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, but expected an ONNX file.")
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file, but expected an ONNX file.")
    if not path.is_file():
        raise ModelFileError(f"{path}: this is no regular file.")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ModelFileError(f"{path}: the file has more than {MAX_BYTES:,} bytes.")
    if (found := _other_kind(path, content)) is not None:
        raise ModelFileError(f"{path}: this is {found}, but expected an ONNX file.")
    return content


def _other_kind(path: Path, content: bytes) -> str | None:
    if not content:
        return "an empty file"
    if is_model_file(path):
        return "a safetensors file, which FERClassifier.load reads"
    return other_kind(content)


def _session(content: bytes, n_threads: int | None) -> InferenceSession:
    import onnxruntime

    if b"location" in content and _OTHER_FILE.search(content):
        raise ModelFileError(
            "it names other files, in which its weights are. A model is one file: save it without "
            "external data."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads_of(n_threads)
    options.inter_op_num_threads = 1
    # One call with a large image would else hold its memory for ever.
    options.enable_cpu_mem_arena = False
    # Threads that wait in a loop slow down whatever else runs on the same processors.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _NOTHING  # what is raised is also logged
    try:
        return onnxruntime.InferenceSession(
            content,
            sess_options=options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # which prints what is wrong, and tries the same again
        )
    except Exception as error:  # onnxruntime's own classes have no other base
        raise ModelFileError(
            f"onnxruntime {onnxruntime.__version__} cannot open it: it is damaged, or no ONNX file "
            f"of this release or before ({reason_of(error)})."
        ) from error


def reason_of(error: Exception) -> str:
    """Return in a line what onnxruntime says, which may be a page."""
    return shortened(" ".join(str(error).split()), _LONGEST_REASON)


def threads_of(n_threads: int | None) -> int:
    """Return a number of threads; None stands for all that this process may use.

    Raises
    ------
    ValueError
        If it is no whole number of 1 or more.
    """
    if n_threads is None:
        told = os.environ.get("OMP_NUM_THREADS", "")
        if told.isdecimal() and int(told) > 0:
            return int(told)
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    if isinstance(n_threads, bool) or not isinstance(n_threads, int) or n_threads < 1:
        raise ValueError(f"Got n_threads={n_threads!r:.60}, but expected 1 or more, or None.")
    return n_threads
