"""What happens between the epochs of a fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.checkpoint import Progress
from ferclassifier._keras.finiteness import check_losses
from ferclassifier._keras.loss import MEAN_LOSS
from ferclassifier._utils.keras_door import keras

if TYPE_CHECKING:
    from typing import Self

    from ferclassifier._keras.compiled import TrainingNetwork
    from ferclassifier._keras.spec import NetworkSpec, TrainingSettings

_SMALLEST_RATE_FACTOR = 1e-3


class Record(keras.callbacks.Callback):  # type: ignore[misc]
    """The history of a fit, with the learning rate and the seconds of each epoch.

    It comes first, and tells the other callbacks the losses as weighted means. An epoch with a loss
    that is NaN or infinite ends the fit with an error.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[float]] = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._start = perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name in [name for name in logs if name.endswith(MEAN_LOSS)]:
            logs[name.replace(MEAN_LOSS, "loss")] = logs.pop(name)
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        logs["seconds"] = perf_counter() - self._start
        check_losses(logs, epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))


class BestEpoch(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep the weights of the epoch with the best validation accuracy, and stop after it.

    Parameters
    ----------
    patience : int or None
        Epochs without progress after which to stop; None only tells which epoch was best.
    first_epoch : int
        Index of the first epoch that counts.
    """

    def __init__(self, patience: int | None, first_epoch: int) -> None:
        super().__init__()
        self._patience = patience
        self._first_epoch = first_epoch
        self._validated: list[NDArray[Any]] | None = None
        self.weights: list[NDArray[Any]] | None = None
        self.memory: dict[str, Any] = {"epoch": None, "accuracy": -1.0}

    def on_test_end(self, logs: Any = None) -> None:
        # The weights just validated; averaged ones are swapped out again after this.
        if self._patience is not None and logs["accuracy"] > self.memory["accuracy"]:
            self._validated = self.model.get_weights()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch < self._first_epoch:
            return
        if logs["val_accuracy"] > self.memory["accuracy"]:
            self.memory = {"epoch": epoch, "accuracy": float(logs["val_accuracy"])}
            self.weights = self._validated
        elif self._patience is not None and epoch - (self.memory["epoch"] or 0) >= self._patience:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.weights is not None:
            self.model.set_weights(self.weights)


class Plateau(keras.callbacks.Callback):  # type: ignore[misc]
    """Halve the learning rate when the loss has not fallen for `patience` epochs."""

    def __init__(self, patience: int) -> None:
        super().__init__()
        self._patience = patience
        self.memory: dict[str, Any] = {"best": np.inf, "waited": 0, "factor": 1.0}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss, memory = float(logs.get("val_loss", logs["loss"])), self.memory
        if loss < memory["best"]:
            memory.update(best=loss, waited=0)
            return
        memory["waited"] += 1
        if memory["waited"] >= self._patience and memory["factor"] > _SMALLEST_RATE_FACTOR:
            rate = self.model.optimizer.learning_rate
            rate.assign(rate * 0.5)
            memory.update(factor=memory["factor"] / 2, waited=0)


class Watchers:
    """The callbacks that watch the scores, and what they remember.

    Attributes
    ----------
    record : Record
    best : BestEpoch or None
    plateau : Plateau or None
    callbacks : list of keras.callbacks.Callback
        All of them, in the order in which they are to be called.
    """

    def __init__(
        self, record: Record, best: BestEpoch | None, plateau: Plateau | None, averages: bool
    ) -> None:
        self.record, self.best, self.plateau = record, best, plateau
        self.callbacks: list[Any] = [record]
        if best is not None:
            self.callbacks.append(best)
            if averages:
                self.callbacks.append(keras.callbacks.SwapEMAWeights())
        if plateau is not None:
            self.callbacks.append(plateau)

    @classmethod
    def for_fit(cls, settings: TrainingSettings, spec: NetworkSpec, *, validates: bool) -> Self:
        """Make the callbacks that a fit needs."""
        patience = settings.plateau_patience
        return cls(
            Record(),
            BestEpoch(settings.patience, settings.small_epochs) if validates else None,
            None if patience is None else Plateau(patience),
            averages=bool(spec.average_momentum),
        )

    @property
    def best_epoch(self) -> int | None:
        """Index of the epoch with the highest validation accuracy, if there is validation."""
        return None if self.best is None else self.best.memory["epoch"]

    @property
    def memories(self) -> dict[str, Any]:
        """What the callbacks remember, but for the history and the best weights."""
        return {
            name: watcher.memory
            for name, watcher in (("best", self.best), ("plateau", self.plateau))
            if watcher is not None
        }

    def remember(self, progress: Progress) -> None:
        """Go on where a fit was interrupted."""
        self.record.history = {name: list(values) for name, values in progress.history.items()}
        if self.plateau is not None:
            self.plateau.memory = dict(progress.memories["plateau"])
        if self.best is not None:
            self.best.memory = dict(progress.memories["best"])
            self.best.weights = progress.best_weights or None


class StateKeeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep the state of training: in a checkpoint after each epoch, and at the end of a part.

    Parameters
    ----------
    network : TrainingNetwork
    settings : TrainingSettings
    watchers : Watchers
    end : int
        Number of epochs after which the part is complete.

    Attributes
    ----------
    state : list of ndarray or None
        The state at the end of the part, before Keras puts averaged weights in place of it.
    """

    def __init__(
        self, network: TrainingNetwork, settings: TrainingSettings, watchers: Watchers, end: int
    ) -> None:
        super().__init__()
        self._network, self._settings, self._watchers = network, settings, watchers
        self._end = end
        self._kept: tuple[int, int, float] | None = None
        self.state: list[NDArray[Any]] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        done, checkpoint = epoch + 1, self._settings.checkpoint
        if done == self._end or checkpoint is not None:
            self.state = self._network.state_values()
            self._kept = (epoch, *self._step_and_rate())
        if checkpoint is not None and self.state is not None:
            best = self._watchers.best
            checkpoint.write(
                Progress(
                    epochs=done,
                    is_stopped=bool(self.model.stop_training),
                    seeds=list(self._settings.seeds),
                    history=self._watchers.record.history,
                    memories=self._watchers.memories,
                    state=self.state,
                    best_weights=(best.weights or []) if best is not None else [],
                )
            )

    def catch_up(self) -> None:
        """Keep the state of the last epoch again if a callback has set the rate of the next one."""
        if self._kept is not None:
            epoch, step, rate = self._kept
            step_now, rate_now = self._step_and_rate()
            if step_now == step and rate_now != rate:
                self.on_epoch_end(epoch)

    def _step_and_rate(self) -> tuple[int, float]:
        optimizer = self._network.model.optimizer
        return int(optimizer.iterations), float(optimizer.learning_rate)


class PartOfFit(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Callbacks that see one fit where Keras runs several, one for each size of the images."""

    callbacks: list[Any]

    def __init__(
        self, callbacks: list[Any], model: Any, *, is_first: bool, is_last: bool, **params: Any
    ) -> None:
        super().__init__(callbacks, add_history=True, model=model, **params)
        self._is_first, self._is_last = is_first, is_last

    def on_train_begin(self, logs: Any = None) -> None:
        with self._told(self._is_first):
            super().on_train_begin(logs)

    def on_train_end(self, logs: Any = None) -> None:
        with self._told(self._is_last or self.model.stop_training):
            super().on_train_end(logs)

    @contextmanager
    def _told(self, all_of_them: bool) -> Iterator[None]:
        """Tell all callbacks, or Keras's own history alone, which is that of a part."""
        callbacks = self.callbacks
        self.callbacks = callbacks if all_of_them else [self._history]
        try:
            yield
        finally:
            self.callbacks = callbacks
