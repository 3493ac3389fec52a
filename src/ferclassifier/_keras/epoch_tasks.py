"""scikit-learn's callbacks, told of the epochs of a fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.keras_door import keras

if TYPE_CHECKING:
    from ferclassifier._keras.network import NetworkInTraining


class EpochTasks(keras.callbacks.Callback):  # type: ignore[misc]
    """Tell scikit-learn's callbacks of the epochs, and stop if one of them says so.

    Parameters
    ----------
    tasks : FitTasks
    network : NetworkInTraining
        The network that is being trained.
    summarise : callable
        Returns the fitted attributes, but for the network, that follow from a history.
    history : dict of str to list of float
        That of the epochs before an interruption.
    """

    def __init__(
        self,
        tasks: FitTasks,
        network: NetworkInTraining,
        summarise: Callable[[dict[str, list[float]]], dict[str, Any]],
        history: dict[str, list[float]],
    ) -> None:
        super().__init__()
        self._tasks = tasks
        self._network = network
        self._summarise = summarise
        self._history = {name: list(values) for name, values in history.items()}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._tasks.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name, value in logs.items():
            self._history.setdefault(name, []).append(value)
        if self._tasks.end_epoch(self._attributes):
            self.model.stop_training = True

    def _attributes(self) -> dict[str, Any]:
        history = {name: list(values) for name, values in self._history.items()}
        return {"_network": self._network.snapshot(self.model), **self._summarise(history)}
