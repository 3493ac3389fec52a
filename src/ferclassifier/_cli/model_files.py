"""Models, by their names or in files of either kind: those without code, and those of joblib.

Reading what joblib wrote runs code that it holds, so the name of such a file has to say what it is:
it ends with ".joblib", ".pkl" or ".pickle". Under any other name a file is one without code, and is
refused if it is not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._files.container import check_model_name
from ferclassifier._files.released import expected, released_models, released_onnx
from ferclassifier._files.writing import replacing
from ferclassifier.exceptions import ModelFileError

if TYPE_CHECKING:
    from ferclassifier._classifier import FERClassifier, FERVotingClassifier

_COMPRESSION = 3
_PICKLES = frozenset({".joblib", ".pkl", ".pickle"})


def is_pickle(path: Path) -> bool:
    """Whether the name of a file says that joblib reads and writes it.

    A link is a pickle if its own name says so and that of the file it leads to is not the name of
    a file without code.
    """
    target = Path(os.path.realpath(path))
    return path.suffix.lower() in _PICKLES and target.suffix.lower() != ".safetensors"


def check_model_output(path: Path) -> None:
    """Refuse, before an hour of training, a name under which no model is written.

    Raises
    ------
    ModelFileError
        If the name is that of a kind of file that is none of both.
    """
    if not is_pickle(path):
        check_model_name(path)


def write_any_model(clf: FERClassifier, path: Path) -> None:
    """Write a fitted classifier to a file of the kind that its name says.

    Raises
    ------
    ModelFileError
        If it is to hold no code, and the classifier does.
    OSError
        If nothing can be written there.
    """
    if not is_pickle(path):
        clf.save(path)
        return
    import joblib

    with replacing(path) as file:
        joblib.dump(clf, file, compress=_COMPRESSION)


def read_any_model(path: Path) -> FERClassifier | FERVotingClassifier:
    """Read a fitted classifier; of the two readers, only the one that the name says is tried.

    Raises
    ------
    ModelFileError
        If the file is damaged, or holds something else.
    OSError
        If there is no file, or it cannot be read.
    """
    from ferclassifier._files.container import is_model_file

    # A file without code is read as such under any name.
    if not is_pickle(path) or is_model_file(path):
        from ferclassifier.persistence import load_model

        return load_model(path)
    return _unpickled(path)


def _unpickled(path: Path) -> FERClassifier | FERVotingClassifier:
    import joblib

    from ferclassifier import FERClassifier, FERVotingClassifier

    try:
        clf: Any = joblib.load(path)
    except Exception as error:  # a file of another kind makes joblib raise almost anything
        raise ModelFileError(
            f"{path}: cannot be loaded as a model, but expected a file that 'train' or joblib.dump "
            f"wrote ({type(error).__name__}: {error})."
        ) from error
    kind = type(clf).__name__
    if not isinstance(clf, FERClassifier | FERVotingClassifier):
        raise ModelFileError(
            f"{path}: holds an object of type {kind}, but expected a FERClassifier or a "
            "FERVotingClassifier."
        )
    if not hasattr(clf, "image_shape_"):
        raise ModelFileError(
            f"{path}: the {kind} in it has not been fitted, or does not know the shape of images."
        )
    return clf


def load_any_model(path: Path) -> FERClassifier | FERVotingClassifier:
    """Load the released model of a name, or read a file of either kind.

    Raises
    ------
    ClickException
        If there is neither.
    """
    if str(path) not in (names := released_models()) and not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        raise click.ClickException(
            f"{path}: {what}, but expected a file or {expected(path, names)}"
        )
    if str(path) in names:
        from ferclassifier.pretrained import load_pretrained

        return load_pretrained(str(path))
    return read_any_model(path)


def model_for_photos(path: Path) -> str | LoadedModel:
    """Return what `predict_photos` takes: an ONNX model by its name, without TensorFlow.

    A released model that does not come as an ONNX file, and a file of another kind, are loaded.

    Raises
    ------
    ClickException
        If there is no such model.
    """
    if str(path) in released_onnx() or (path.suffix.lower() == ".onnx" and path.is_file()):
        return str(path)
    return LoadedModel(path)


class LoadedModel:
    """A classifier from a file, which other processes load from there too.

    Parameters
    ----------
    path : Path
        What `load_any_model` takes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clf = load_any_model(path)

    def __reduce__(self) -> tuple[type[LoadedModel], tuple[Path]]:
        is_name = str(self._path) in released_models()
        return LoadedModel, (self._path if is_name else self._path.absolute(),)

    @property
    def name(self) -> str:
        """What it is called among others."""
        return self._path.stem

    @property
    def classes(self) -> list[Any]:
        """The labels of the columns."""
        found: list[Any] = self._clf.classes_.tolist()
        return found

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the faces."""
        height, width, channels = self._clf.image_shape_
        return height, width, channels

    def predict_proba(self, images: Any, /) -> Any:
        """Predict the probability of each class."""
        return self._clf.predict_proba(images)
