"""The methods that write a model to a file, and read it, for a class that describes itself."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from ferclassifier._files.saved_model import SavedModel, blamed_on, read_model, write_model
from ferclassifier._files.schema import Check
from ferclassifier.exceptions import ModelFileError

if TYPE_CHECKING:
    from typing import Self


class SavingMixin:
    """Files without code.

    A class that inherits from it sets `_schema`, and writes `_describe` and `_restore`. One that
    inherits from such a class is not saved: nobody can say what it adds.
    """

    _schema: ClassVar[Check]

    def _describe(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return what JSON has of the fitted model, as `_schema` expects it, and its weights."""
        raise NotImplementedError

    @classmethod
    def _restore(cls, described: dict[str, Any], weights: Mapping[str, NDArray[Any]]) -> Self:
        """Return the fitted model that `_describe` described."""
        raise NotImplementedError

    def save(
        self,
        path: str | PathLike[str],
        *,
        dtype: Literal["float32", "float16"] = "float32",
        metadata: str | None = None,
    ) -> None:
        """Write the fitted model to a file that cannot run code.

        See :func:`ferclassifier.persistence.save_model` for what is written.

        Parameters
        ----------
        path : str or path-like
            The file, by custom with the suffix ".safetensors". One that is there, or that a link
            there leads to, is replaced once the new one has been written and synced, and passes on
            its mode.
        dtype : {"float32", "float16"}, default="float32"
            Type of the weights in the file.
        metadata : str, default=None
            Text to keep with the model.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ModelFileError
            A ValueError: if a file cannot hold the model's architecture, parameters or weights, or
            has a name like "model.h5" or "model.pkl", under which something else is expected.
        OSError
            If nothing can be written there.
        """
        check_can_be_saved(type(self))
        check_is_fitted(self)
        described, weights = self._describe()
        kind = type(self).__name__
        write_model(Path(path), kind, described, weights, dtype=dtype, metadata=metadata)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a model that `save` wrote; nothing in the file is run.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        model : estimator
            Fitted.

        Raises
        ------
        ModelFileError
            A ValueError: if the file is damaged, of another kind, or holds a model of another
            class.
        OSError
            If there is no file, or it cannot be read.
        """
        saved = read_model(Path(path))
        if saved.kind != cls.__name__ or not _is_a_kind(cls):
            raise ModelFileError(
                f"{path}: holds a {saved.kind}, but expected a {cls.__name__}. Read it with "
                f"{saved.kind}.load."
            )
        return cls._from_saved(saved)

    @classmethod
    def _from_saved(cls, saved: SavedModel) -> Self:
        """Return the fitted model that a file holds, of which the kind has been looked at."""
        with blamed_on(saved.path):
            return cls._restore(cls._schema(saved.described, "model"), saved.weights)


def check_can_be_saved(cls: type) -> None:
    """Refuse what a file cannot hold.

    Raises
    ------
    ModelFileError
        If the class is none of those that files know.
    """
    if not _is_a_kind(cls):
        raise ModelFileError(
            f"Got {cls.__name__}, but expected FERClassifier or FERVotingClassifier. Save the "
            "classifier inside a pipeline or a search, such as search.best_estimator_, or keep the "
            "whole with joblib.dump."
        )


def _is_a_kind(cls: type) -> bool:
    return "_schema" in vars(cls)
