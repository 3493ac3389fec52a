"""The models that can be asked, opened when they are first asked for."""

from __future__ import annotations

import threading
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier._files.released import released_onnx
from ferclassifier._utils.wording import quoted
from ferclassifier.app._refusal import Refusal
from ferclassifier.photos._model import Model, ModelLike, open_model
from ferclassifier.pretrained._models import model_facts

if TYPE_CHECKING:
    from ferclassifier.pretrained._facts import ModelFacts

_UNNAMED = "model"


class Catalogue:
    """The released models that come as ONNX files, and the one that is given.

    Parameters
    ----------
    model : str, path, or fitted classifier
        The one that is asked unless another is named. It is opened at once.

    Attributes
    ----------
    default : str
        The name of that one.
    names : list of str
        Of all of them, that one first.
    """

    def __init__(self, model: ModelLike) -> None:
        opened = open_model(model, n_threads=1)
        released = released_onnx()
        is_released = isinstance(model, str) and model in released
        self._facts = {name: model_facts(name) for name in released}
        self.default = str(model) if is_released else _name_of(model, released)
        self.names = [self.default, *(name for name in released if name != self.default)]
        self._opened: dict[str, Model] = {self.default: opened}
        self._opening = threading.Lock()

    def __getitem__(self, name: str) -> Model:
        """Return a model; called from any thread.

        Raises
        ------
        Refusal
            422 if there is none of this name.
        """
        self._check(name, 422)
        with self._opening:
            if name not in self._opened:
                self._opened[name] = open_model(name, n_threads=1)
            return self._opened[name]

    def facts_of(self, name: str) -> ModelFacts | None:
        """Return what is known of a model: of a user's own nothing is.

        Raises
        ------
        Refusal
            404 if there is none of this name.
        """
        self._check(name, 404)
        return self._facts.get(name)

    def described(self) -> list[dict[str, Any]]:
        """Return for JSON what there is to choose from."""
        return [self._described(name) for name in self.names]

    def _described(self, name: str) -> dict[str, Any]:
        facts = self._facts.get(name)
        classes = self._opened[self.default].classes if facts is None else facts.classes
        return {
            "name": name,
            "is_default": name == self.default,
            "summary": "A model of your own." if facts is None else facts.summary,
            "classes": [str(one) for one in classes],
            "has_card": facts is not None,
        }

    def _check(self, name: str, status: int) -> None:
        if name not in self.names:
            raise Refusal(
                status,
                "unknown_model",
                f"Got the model {quoted(name)}, but expected one of {self.names}.",
            )


def _name_of(model: ModelLike, taken: list[str]) -> str:
    """Call a model of the user's own by its file, without telling where that lies."""
    name = getattr(model, "name", "")
    if isinstance(model, str | PathLike):
        name = Path(model).stem
    if not isinstance(name, str) or not name:
        name = _UNNAMED
    while name in taken:
        name += "_"
    return name
