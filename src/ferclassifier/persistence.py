"""Model files that hold numbers and text, and no code."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Literal

from ferclassifier._classifier import FERClassifier, FERVotingClassifier
from ferclassifier._classifier.saving import check_can_be_saved
from ferclassifier._files.saved_model import read_model

__all__ = ["load_model", "save_model"]

_KINDS: dict[str, type[FERClassifier | FERVotingClassifier]] = {
    "FERClassifier": FERClassifier,
    "FERVotingClassifier": FERVotingClassifier,
}


def save_model(
    model: Any,
    path: str | PathLike[str],
    *,
    dtype: Literal["float32", "float16"] = "float32",
    metadata: str | None = None,
) -> None:
    """Write a fitted model to a file that cannot run code.

    Parameters
    ----------
    model : FERClassifier or FERVotingClassifier
        Fitted, with architectures that the package has.
    path : str or path-like
        The file, by custom with the suffix ".safetensors". One that is there, or that a link
        there leads to, is replaced once the new one has been written and synced, and passes on its
        mode.
    dtype : {"float32", "float16"}, default="float32"
        Type of the weights in the file. "float16" halves it, and moves probabilities a little.
    metadata : str, default=None
        Text to keep with the model, such as its licence, or JSON.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ModelFileError
        A ValueError: if the model is of another class, has an architecture or a parameter that a
        file cannot hold, or weights that are not finite or too large for float16; or if the name is
        one like "model.h5" or "model.pkl", under which something else is expected.
    OSError
        If nothing can be written there.

    Notes
    -----
    The parameters are written as long as they are numbers, strings, None, and lists, tuples and
    dicts of those; an optimizer that is an object or a function, or a ``random_state`` that is no
    integer, is refused. `callbacks` and `checkpoint`, which belong to one run on one machine, are
    left out, and None after loading; so is a path given as `initial_weights`. The optimizer's state
    is not written.

    A model that is saved twice makes equal files, byte for byte.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ferclassifier import FERClassifier, make_faces
    >>> from ferclassifier.persistence import load_model, save_model
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(clf, Path(folder) / "model.safetensors")
    ...     loaded = load_model(Path(folder) / "model.safetensors")
    >>> bool((loaded.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    check_can_be_saved(type(model))
    model.save(path, dtype=dtype, metadata=metadata)


def load_model(path: str | PathLike[str]) -> FERClassifier | FERVotingClassifier:
    """Read a model that `save_model` wrote.

    Nothing in the file is run or unpickled: it holds arrays, and text that is compared with what
    the package knows. It is refused before a network is built if anything in it is out of place.

    Parameters
    ----------
    path : str or path-like
        The file, of 1 GiB at most.

    Returns
    -------
    model : FERClassifier or FERVotingClassifier
        Fitted. With weights in float32 its predictions are those of the saved model, to the bit, on
        the same machine.

    Raises
    ------
    ModelFileError
        A ValueError: if the file is of another kind, damaged, or no model of this package.
    OSError
        If there is no file, or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ferclassifier import load_pretrained
    >>> from ferclassifier.persistence import load_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_pretrained("tiny").save(Path(folder) / "model.safetensors")
    ...     load_model(Path(folder) / "model.safetensors").classes_.tolist()[:3]
    ['angry', 'disgust', 'fear']
    """
    saved = read_model(Path(path))
    return _KINDS[saved.kind]._from_saved(saved)
