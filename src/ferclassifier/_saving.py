"""The methods of a model that write it to a file, and read it."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Literal

from ferclassifier.exceptions import ModelFileError

if TYPE_CHECKING:
    from typing import Self


class SavingMixin:
    """Files without code, for the classes that :mod:`ferclassifier.persistence` knows."""

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
            A ValueError: if a file cannot hold the model's architecture, parameters or weights.
        OSError
            If nothing can be written there.
        """
        from ferclassifier.persistence import save_model

        save_model(self, path, dtype=dtype, metadata=metadata)

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
        from ferclassifier.persistence import load_model

        model = load_model(path)
        if not isinstance(model, cls):
            kind = type(model).__name__
            raise ModelFileError(
                f"{path}: holds a {kind}, but expected a {cls.__name__}. Read it with {kind}.load."
            )
        return model
