"""The seam to Keras and scikeras: the only file in which a network is built, trained and run.

Compiled networks are reused. TensorFlow keeps 10 MB for each network that it compiles, whatever
is deleted, and compiling takes longer than a small fit; so a network is on a :class:`Lease`: once
nobody holds it, the next fit of an equal :class:`NetworkSpec` takes it, with fresh weights.
"""

from __future__ import annotations

import random
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ferclassifier._batches import Batches, pixels_for_network
from ferclassifier._compilation import compile_for_arrays
from ferclassifier._files.checkpoint import Checkpoint, Progress
from ferclassifier._going_on import check_weights_fit
from ferclassifier._gradients import Explainer
from ferclassifier._identity import comparison_key
from ferclassifier._initial_weights import transfer_weights
from ferclassifier._keras_callbacks import PartOfFit, StateKeeper, Watchers
from ferclassifier._keras_layers import (
    Crossentropy,
    RandomAugmentation,
    WarmupSchedule,
    mean_over_weights,
)
from ferclassifier._named_weights import named_weights, without_values
from ferclassifier._optimizers import make_optimizer
from ferclassifier._statistics import (
    MOST_IMAGES,
    Statistics,
    moved_statistics,
    recompute_statistics,
    set_statistics,
    statistics_of,
)
from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier.architectures import get_architecture, is_built_in
from ferclassifier.augmentation import AugmentationStrength
from ferclassifier.exceptions import ArchitectureError, CheckpointError
from ferclassifier.images._arrays import ImageShape, parts_of
from ferclassifier.images._files import ImageFiles

if TYPE_CHECKING:
    from typing import Self

_PATCHED_BY_SCIKERAS = [
    (keras.Model, "__reduce__"),
    (keras.Model, "__deepcopy__"),
    (keras.losses.Loss, "__reduce__"),
    (keras.metrics.Metric, "__reduce__"),
    (keras.optimizers.Optimizer, "__reduce__"),
]


def _import_scikeras() -> type[Any]:
    """Import scikeras without its changes to how Keras objects are pickled."""
    if "scikeras" in sys.modules:
        from scikeras.wrappers import KerasClassifier

        return KerasClassifier  # type: ignore[no-any-return]
    before = [(owner, name, owner.__dict__.get(name)) for owner, name in _PATCHED_BY_SCIKERAS]
    from scikeras.wrappers import KerasClassifier

    for owner, name, method in before:
        if method is not None:
            setattr(owner, name, method)
        elif name in owner.__dict__:
            delattr(owner, name)
    return KerasClassifier  # type: ignore[no-any-return]


KerasClassifier = _import_scikeras()


_PREDICTION_BATCH = 256
_ROWS_OF_A_REGISTER = 8
_WARMUP_SHARE = 0.04
_VIEWS = {None: 1, "flip": 2, "ten_crop": 10}


@cache
def is_mixed_precision_faster() -> bool:
    """Whether this machine multiplies bfloat16 in hardware, or has a GPU."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    if "avx512_bf16" in flags or "amx_bf16" in flags:
        return True
    if keras.backend.backend() == "torch":  # for which Keras lists no devices
        import torch

        return bool(torch.cuda.is_available())
    try:
        return bool(keras.distribution.list_devices("gpu"))
    except (RuntimeError, ValueError):
        return False


@dataclass(frozen=True)
class NetworkSpec:
    """All that is compiled into a network; networks of equal specs can stand in for one another.

    Attributes
    ----------
    architecture : str or callable
    architecture_params : dict
    image_shape : tuple of (height, width, channels)
    n_classes : int
    factor_and_offset : tuple of (float, float)
        What brings the pixels to the scale on which the network works.
    augmentation : AugmentationStrength or None
    mixed_precision : bool
    optimizer : str, callable or keras.optimizers.Optimizer
    weight_decay : float
    decays : bool
        Whether the learning rate follows a cosine.
    label_smoothing : float
    focal_gamma : float
    average_momentum : float
        Momentum of the averaged weights; 0 for none.
    training_size : tuple of (height, width), or None
        Size to which images are brought in training, if it is another.
    """

    architecture: Any
    architecture_params: Mapping[str, Any]
    image_shape: ImageShape
    n_classes: int
    factor_and_offset: tuple[float, float]
    augmentation: AugmentationStrength | None = None
    mixed_precision: bool = False
    optimizer: Any = "sgd"
    weight_decay: float = 0.0
    decays: bool = False
    label_smoothing: float = 0.0
    focal_gamma: float = 0.0
    average_momentum: float = 0.0
    training_size: tuple[int, int] | None = None

    @cached_property
    def key(self) -> tuple[Hashable, ...]:
        """What makes two specs equal: not the name of a function, but what it does."""
        values = {
            **self.__getstate__(),
            "architecture": self._identities[0],
            "architecture_params": self._identities[1],
            "optimizer": comparison_key(self.optimizer),
        }
        return tuple(values.values())

    @property
    def can_be_shared(self) -> bool:
        """Whether it is certain that another fit of this spec would build an equal network."""
        is_known = all(isinstance(part, str) for part in self._identities)
        return isinstance(self.optimizer, str) and is_known

    @cached_property
    def build(self) -> Callable[..., Any]:
        """The function that the architecture's name has stood for since it was first asked for."""
        return get_architecture(self.architecture, self.architecture_params)

    @cached_property
    def _identities(self) -> tuple[Hashable, Hashable]:
        return comparison_key(self.build), comparison_key(dict(self.architecture_params))

    @property
    def of_prediction(self) -> NetworkSpec:
        """The spec of the network that predicts, whatever was done in training."""
        return NetworkSpec(
            self.architecture,
            self.architecture_params,
            self.image_shape,
            self.n_classes,
            self.factor_and_offset,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass
class TrainingSettings:
    """How a network is trained; none of it is compiled in.

    Attributes
    ----------
    learning_rate : float
    epochs : int
    warms_up : bool
    plateau_patience : int or None
        Epochs without progress after which the learning rate is halved.
    patience : int or None
        Epochs without progress after which training stops.
    callbacks : list of keras.callbacks.Callback
    small_size : tuple of (height, width), or None
        Size to which the images are brought in the first epochs.
    small_epochs : int
        Number of those epochs.
    checkpoint : Checkpoint or None
        Where the state is kept after every epoch.
    progress : Progress or None
        Where an interrupted fit goes on.
    seeds : sequence of int
        To be kept in the checkpoint.
    is_one_of_many : bool
        Whether it is a pass over a part of the images, which others precede or follow.
    tunes : bool
        Whether it starts from the weights of a whole fit.
    """

    learning_rate: float
    epochs: int
    warms_up: bool = False
    plateau_patience: int | None = None
    patience: int | None = None
    callbacks: list[Any] = field(default_factory=list)
    small_size: tuple[int, int] | None = None
    small_epochs: int = 0
    checkpoint: Checkpoint | None = None
    progress: Progress | None = None
    seeds: Sequence[int] = ()
    is_one_of_many: bool = False
    tunes: bool = False


class TrainingNetwork:
    """The network of a spec that is trained, with its optimizer.

    Parameters
    ----------
    spec : NetworkSpec

    Attributes
    ----------
    is_touched : bool
        Whether a user's code has had it in its hands, so that it serves no other fit.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self.is_touched = False

    @cached_property
    def model(self) -> Any:
        spec = self.spec
        model = _build(spec, seed=0)
        loss = Crossentropy(spec.label_smoothing, spec.focal_gamma)
        model.compile(
            optimizer=make_optimizer(
                spec.optimizer,
                self.schedule,
                weight_decay=spec.weight_decay,
                average_momentum=spec.average_momentum,
            ),
            loss=loss,
            weighted_metrics=["accuracy", mean_over_weights(loss)],
            jit_compile=keras.backend.backend() == "jax",  # XLA is slower on TensorFlow
        )
        model.optimizer.build(model.trainable_variables)
        if keras.backend.backend() in ("jax", "torch"):
            # The first fit would else take a batch for it, and with it the order of an epoch.
            batch = np.zeros((1, *spec.image_shape), "float32"), np.zeros((1, spec.n_classes))
            model._symbolic_build(data_batch=batch)
        return model

    @cached_property
    def schedule(self) -> WarmupSchedule:
        return WarmupSchedule(self.spec.decays)

    def reset(self, seed: int) -> None:
        """Give it the weights and the state of a new one."""
        if not (is_built_in(self.spec.architecture) and _reinitialise(self.model, seed)):
            # Weights that a user's function brings along, or a layer that cannot draw its own.
            _copy_weights(_build_as_it_is(self.spec, seed=seed), self.model)
        _reseed(self.model, seed)
        self.reset_optimizer()

    def reset_optimizer(self) -> None:
        """Forget momentum, averages and the number of steps."""
        for variable in self.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape, dtype=variable.dtype))

    @cached_property
    def trainer(self) -> _BatchwiseClassifier:
        return _BatchwiseClassifier(model=lambda: self.model, warm_start=True)

    @property
    def state(self) -> list[Any]:
        """The variables on which the next epoch of training depends."""
        variables = [
            *self.model.variables,
            *self.model.optimizer.variables,
            *self.schedule.variables,
        ]
        return list({id(variable): variable for variable in variables}.values())

    def state_values(self) -> list[NDArray[Any]]:
        """Return copies of the values of `state`."""
        return [np.array(np.asarray(variable)) for variable in self.state]

    def set_state(self, values: Sequence[NDArray[Any]]) -> None:
        """Give the variables of `state` other values.

        Raises
        ------
        CheckpointError
            If they are not of the same number and shapes.
        """
        shapes = [tuple(variable.shape) for variable in self.state]
        if shapes != [value.shape for value in values]:
            raise CheckpointError(
                "Got a checkpoint of which the state does not fit: it was written on another "
                "backend or by another version of Keras. Go on there, or remove the file."
            )
        for variable, value in zip(self.state, values, strict=True):
            variable.assign(value)


class PredictingNetwork:
    """The network of a spec that predicts, in float32, with all that is compiled for it.

    Parameters
    ----------
    spec : NetworkSpec
        Only what `NetworkSpec.of_prediction` keeps of it matters.
    """

    is_touched = False

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self._predictors: dict[Any, Callable[[Any], Any]] = {}
        self._lock = threading.Lock()

    @cached_property
    def model(self) -> Any:
        return _build(self.spec.of_prediction, seed=0)

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.model)

    def predictor(self, views: str | None) -> Callable[[Any], Any]:
        """Return a compiled function from a batch to probabilities."""
        with self._lock:  # two threads would compile the same function twice
            if views not in self._predictors:
                self._predictors[views] = _compile_predictor(self.model, views)
            return self._predictors[views]


_Compiled = TypeVar("_Compiled", TrainingNetwork, PredictingNetwork)


class Lease(Generic[_Compiled]):
    """The use of a compiled network, until nobody holds the lease any longer."""

    def __init__(self, network: _Compiled, pool: _Pool[_Compiled]) -> None:
        self.network: _Compiled = network
        finalizer = weakref.finalize(self, pool.give_back, network)
        finalizer.atexit = False


class _Pool(Generic[_Compiled]):
    """Compiled networks that nobody uses at the moment."""

    def __init__(self, kind: type[_Compiled], size: int = 8) -> None:
        self._kind: type[_Compiled] = kind
        self._size = size
        self._idle: OrderedDict[int, _Compiled] = OrderedDict()
        # A finalizer may run while this very thread holds the lock.
        self._lock = threading.RLock()

    def take(self, spec: NetworkSpec) -> Lease[_Compiled]:
        """Return a network of this spec that was used before, or a new one."""
        spec_key = spec.key  # as the architecture is now, before the network is built from it
        with self._lock:
            # A copy: comparing may collect garbage, and a finalizer then adds to the pool.
            for key, network in list(self._idle.items()):
                if network.spec.key == spec_key:
                    return Lease(self._idle.pop(key), self)
        return self.make(spec)

    def make(self, spec: NetworkSpec) -> Lease[_Compiled]:
        """Return a network of this spec that nobody has used."""
        return Lease(self._kind(spec), self)

    def give_back(self, network: _Compiled) -> None:
        """Keep a network for whoever needs an equal one, unless it may be unlike a new one."""
        if network.is_touched or not network.spec.can_be_shared:
            return
        with self._lock:
            self._idle[id(network)] = network
            while len(self._idle) > self._size:
                self._idle.popitem(last=False)


_training_pool = _Pool(TrainingNetwork)
_predicting_pool = _Pool(PredictingNetwork)


class Network:
    """A network with its weights, which do not change: predictions are those of one fit.

    It is pickled as arrays.

    Parameters
    ----------
    spec : NetworkSpec

    Attributes
    ----------
    n_statistics : int
        For how many images the statistics of its normalisations stand: `MOST_IMAGES` after a
        whole fit, or fewer after passes over parts.
    is_complete : bool
        Whether its weights are those of a whole fit, rather than of some passes over parts.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self.n_statistics = MOST_IMAGES
        self.is_complete = True
        self._predicting = _predicting_pool.take(spec.of_prediction)
        self._training: Lease[TrainingNetwork] | None = None

    def take_training(self, *, untouched: bool) -> Lease[TrainingNetwork] | None:
        """Hand over the network that was trained, with the optimizer's state.

        Parameters
        ----------
        untouched : bool
            Whether it must be one that no user's code has had in its hands.

        Returns
        -------
        training : Lease or None
            None where there is none, as after loading.
        """
        training = self._training
        if training is None or (untouched and training.network.is_touched):
            return None
        self._training = None
        return training

    def keep_training(self, training: Lease[TrainingNetwork]) -> None:
        """Keep what goes on training."""
        self._training = training

    def predict(
        self, images: NDArray[Any] | ImageFiles, *, as_bytes: bool, views: str | None
    ) -> NDArray[Any]:
        """Return probabilities of shape (n, n_classes), float32.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), or ImageFiles
        as_bytes : bool
            Whether integers are bytes.
        views : {None, "flip", "ten_crop"}
            The views of each image whose probabilities are averaged.
        """
        predictor = self._predicting.network.predictor(views)
        size = max(1, _PREDICTION_BATCH // _VIEWS[views])
        parts = [
            _in_full_rows(predictor, pixels_for_network(images[part], as_bytes=as_bytes))
            for part in parts_of(images, size)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    @property
    def keras_model(self) -> Any:
        """The float32 network that predicts, a functional ``keras.Model``."""
        return self._predicting.network.model

    def named_weights(self) -> dict[str, NDArray[Any]]:
        """Return copies of the weights that predict, by names that no other network changes."""
        weights = named_weights(self.keras_model)
        return {name: np.array(np.asarray(w)) for name, w in weights.items()}

    def set_named_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Predict with these weights, which must be those of `weight_shapes`."""
        for name, variable in named_weights(self.keras_model).items():
            variable.assign(weights[name])

    @property
    def explainer(self) -> Explainer:
        """The gradients of the network that predicts, compiled once as that is."""
        predicting: PredictingNetwork = self._predicting.network
        return predicting.explainer

    def __getstate__(self) -> dict[str, Any]:
        return {
            "spec": self.spec,
            "weights": self.keras_model.get_weights(),
            "n_statistics": self.n_statistics,
            "is_complete": self.is_complete,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["spec"])  # type: ignore[misc]
        self.n_statistics = state["n_statistics"]
        self.is_complete = state["is_complete"]
        self.keras_model.set_weights(state["weights"])


class NetworkInTraining:
    """A network on its way from the weights that it starts from to those that it ends with.

    Until `fit` returns a :class:`Network`, nothing that predicts is changed.

    Parameters
    ----------
    spec : NetworkSpec
    lease : Lease
        The network to be trained.
    """

    def __init__(self, spec: NetworkSpec, lease: Lease[TrainingNetwork]) -> None:
        self.spec = spec
        self._lease = lease
        self._n_statistics = 0

    @classmethod
    @contextmanager
    def begin(
        cls,
        spec: NetworkSpec,
        seed: int,
        before: Network | None = None,
        *,
        from_weights: bool = False,
        from_state: bool = False,
        has_callbacks: bool = False,
    ) -> Iterator[Self]:
        """Make a network ready for training, for the time of a fit.

        Parameters
        ----------
        spec : NetworkSpec
        seed : int
            Of the weights, of dropout and of augmentation.
        before : Network, default=None
            The one that predicts until the fit has ended. If the fit fails, it can be trained on
            as if nothing had been tried.
        from_weights : bool
            Whether to start from its weights, rather than from random ones.
        from_state : bool
            Whether to go on with the optimizer's state too, if it is there.
        has_callbacks : bool
            Whether a user's code will have the network in its hands. It gets a new one, on which
            what it changes before the first step has an effect, and which serves no other fit.
        """
        lease = None
        may_take = from_state or not has_callbacks
        if before is not None and may_take and before.spec.key == spec.key:
            lease = before.take_training(untouched=not from_state)
        if before is None or lease is None:
            network = cls(
                spec, (_training_pool.make if has_callbacks else _training_pool.take)(spec)
            )
            network._compiled.is_touched = has_callbacks
            network._start(seed, before if from_weights else None)
            yield network
            return
        network, state = cls(spec, lease), lease.network.state_values()
        lease.network.is_touched |= has_callbacks
        try:
            if from_state:
                set_statistics(network._model, statistics_of(before.keras_model))
                network._n_statistics = before.n_statistics
            else:
                network._start(seed, before if from_weights else None)
            yield network
        except BaseException:
            lease.network.set_state(state)
            before.keep_training(lease)
            raise

    @property
    def _compiled(self) -> TrainingNetwork:
        training: TrainingNetwork = self._lease.network
        return training

    @property
    def _model(self) -> Any:
        return self._compiled.model

    def _start(self, seed: int, before: Network | None) -> None:
        self._compiled.reset(seed)
        if before is not None:
            check_weights_fit(before, self.spec, self._model)
            _copy_weights(before.keras_model, self._model)
            self._n_statistics = before.n_statistics

    def start_from(self, other: Network, *, with_head: bool) -> None:
        """Train on from the weights of a network for other images or classes."""
        transfer_weights(other.keras_model, self._model, with_head=with_head)
        self._n_statistics = other.n_statistics

    def fit(
        self, batches: Batches, settings: TrainingSettings, validation: Batches | None = None
    ) -> tuple[Network, dict[str, list[float]], int | None]:
        """Train, from the weights and the optimizer's state at hand.

        Returns
        -------
        network : Network
        history : dict of str to list of float
            A value per epoch of loss, accuracy, learning_rate and seconds, and of val_loss and
            val_accuracy where there is a validation part.
        best_epoch : int or None
            Index of the epoch whose weights were kept; None without a validation part.
        """
        steps = len(batches) * settings.epochs
        self._compiled.schedule.set(
            peak=settings.learning_rate,
            warmup=round(_WARMUP_SHARE * steps) if settings.warms_up else 0,
            total=steps,
        )
        watchers = Watchers.for_fit(settings, self.spec, validates=validation is not None)
        if settings.progress is not None:
            watchers.remember(settings.progress)
        network = Network(self.spec)
        known, before = statistics_of(self._model), None
        with _reading(batches, validation):
            if self._n_statistics:
                before = self._statistics_as_predicted(network, batches, settings)
            try:
                self._train(batches, settings, validation, watchers)
            finally:
                for callback in settings.callbacks:
                    callback.set_model(None)  # the network will serve others
            after = self._statistics_as_predicted(network, batches, settings)
            n_images = batches.n_images
        if before is not None:
            after = moved_statistics(
                known, before, after, n_known=self._n_statistics, n_images=n_images
            )
        set_statistics(network.keras_model, after)
        network.is_complete = settings.tunes or not settings.is_one_of_many
        if not network.is_complete:
            network.n_statistics = min(MOST_IMAGES, self._n_statistics + n_images)
        network.keep_training(self._lease)
        return network, watchers.record.history, watchers.best_epoch

    def _statistics_as_predicted(
        self, network: Network, batches: Batches, settings: TrainingSettings
    ) -> Statistics:
        """Give a network the weights of the moment, and return its statistics of the images.

        Where images are trained on as they are predicted, and none were seen before, they are
        those of training, which averaged over more of them.
        """
        predicting = network.keras_model
        _copy_weights(self._model, predicting)
        is_another = self.spec.augmentation is not None or self.spec.average_momentum
        if is_another or self._n_statistics or settings.is_one_of_many:
            batches.epoch = settings.epochs - 1  # the same images after an interruption
            batches.on_epoch_begin()
            recompute_statistics(predicting, batches)
        return statistics_of(predicting)

    def _train(
        self,
        batches: Batches,
        settings: TrainingSettings,
        validation: Batches | None,
        watchers: Watchers,
    ) -> None:
        """Run the epochs that are left: small images first, if asked for, then the rest."""
        progress = settings.progress
        start, state = (0, None) if progress is None else (progress.epochs, progress.state)
        is_stopped = progress is not None and progress.is_stopped
        parts = [(self._compiled, start if is_stopped else settings.epochs)]
        if start < settings.small_epochs and not is_stopped:
            small = self._for_small_images(settings)
            parts.insert(0, (small.network, settings.small_epochs))
            state = self._compiled.state_values() if state is None else state
        for number, (compiled, end) in enumerate(parts):
            if state is not None:
                compiled.set_state(state)
            batches.epoch = start - 1
            keeper = StateKeeper(compiled, settings, watchers, end)
            callbacks = PartOfFit(
                [*watchers.callbacks, keeper, *settings.callbacks],
                compiled.model,
                is_first=number == 0,
                is_last=compiled is self._compiled,
                epochs=settings.epochs,
                steps=len(batches),
            )
            compiled.trainer.fit(
                batches,
                None,
                initial_epoch=start,
                epochs=end,
                callbacks=callbacks,
                validation_data=validation,
            )
            if compiled.model.stop_training:
                _copy_weights(compiled.model, self._model)
                break
            start, state = end, keeper.state

    def _for_small_images(self, settings: TrainingSettings) -> Lease[TrainingNetwork]:
        is_touched = self._compiled.is_touched
        spec = replace(self.spec, training_size=settings.small_size)
        small = (_training_pool.make if is_touched else _training_pool.take)(spec)
        small.network.is_touched = is_touched
        try:
            shapes, small_shapes = (
                [tuple(variable.shape) for variable in network.model.variables]
                for network in (self._compiled, small.network)
            )
        except ValueError as error:
            height, width = settings.small_size or (0, 0)
            raise ArchitectureError(
                f"Got progressive_resizing to {height} x {width} pixels, for which no network of "
                f"the architecture {self.spec.architecture!r} can be built ({error}). Choose a "
                "larger share of the side."
            ) from error
        if shapes != small_shapes:
            raise ArchitectureError(
                f"Got progressive_resizing with the architecture {self.spec.architecture!r}, whose "
                "weights depend on the size of the images. Choose one that pools over the whole "
                "image before its last layer, or progressive_resizing=None."
            )
        return small

    def snapshot(self, training: Any) -> Network:
        """Return a network that predicts with the weights of the moment, in the middle of a fit.

        Parameters
        ----------
        training : keras.Model
            The network that is being trained, for images of this size or another.

        Notes
        -----
        Where weights are averaged it has the averages. The statistics are those of training, which
        the end of a fit replaces.
        """
        taken = Network(self.spec)
        predicting = taken.keras_model
        _copy_weights(training, predicting)
        if self.spec.average_momentum:
            averages = training.optimizer._model_variables_moving_average
            for variable, average in zip(predicting.trainable_variables, averages, strict=True):
                variable.assign(average)
        return taken


@contextmanager
def _reading(*sources: Batches | None) -> Iterator[None]:
    """Let batches be read until the fit has ended, and raise what went wrong there as it was."""
    with ExitStack() as stack:
        batches = [source for source in sources if source is not None]
        for source in batches:
            stack.enter_context(source.in_use())
        try:
            yield
        except Exception as error:
            for source in batches:
                if source.error is not None:
                    raise source.error from error
            raise


class _AsItIs:
    """The transformer that scikeras asks for, changing nothing."""

    def fit(self, X: Any) -> _AsItIs:
        return self

    def transform(self, X: Any) -> Any:
        return X


class _BatchwiseClassifier(KerasClassifier):  # type: ignore[misc, valid-type]
    """scikeras's classifier, fed with :class:`Batches` instead of arrays.

    What scikeras does to arrays (encoding, dtype guards, weights) has been done before.
    """

    def _validate_data(
        self, X: Any = None, y: Any = None, reset: bool = False, y_numeric: bool = False
    ) -> tuple[Any, Any]:
        return X, y

    @property
    def target_encoder(self) -> _AsItIs:
        return _AsItIs()

    @property
    def feature_encoder(self) -> _AsItIs:
        return _AsItIs()

    def _fit_keras_model(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        warm_start: bool,
        epochs: int,
        initial_epoch: int,
        **kwargs: Any,
    ) -> None:
        history = self.model_.fit(
            X, epochs=epochs, initial_epoch=initial_epoch, shuffle=False, verbose=0, **kwargs
        )
        self.history_ = history.history


_globals_lock = threading.RLock()


@contextmanager
def _keras_globals(*, seed: int, mixed_precision: bool) -> Iterator[None]:
    """Set what a network takes from global state while it is built, and put it back."""
    with _globals_lock:
        policy = keras.config.dtype_policy()
        data_format = keras.config.image_data_format()
        state = random.getstate()
        try:
            keras.config.set_dtype_policy("mixed_bfloat16" if mixed_precision else "float32")
            keras.config.set_image_data_format("channels_last")
            random.seed(seed)  # layers without a seed draw theirs from here
            yield
        finally:
            keras.config.set_dtype_policy(policy)
            keras.config.set_image_data_format(data_format)
            random.setstate(state)


def _build(spec: NetworkSpec, *, seed: int) -> Any:
    """Return a new model, of which no weight belongs to anybody else."""
    model = _build_as_it_is(spec, seed=seed)
    if is_built_in(spec.architecture):
        return model
    again = _build_as_it_is(spec, seed=seed)
    if set(map(id, model.variables)).isdisjoint(map(id, again.variables)):
        return model
    return _copy_of(model, spec)


def _copy_of(model: Any, spec: NetworkSpec) -> Any:
    """Return a model with layers of its own, for one of which some were made outside."""
    with _keras_globals(seed=0, mixed_precision=spec.mixed_precision):
        try:
            copied = keras.models.clone_model(model)
        except Exception as error:  # a layer's get_config and from_config may raise anything
            raise ArchitectureError(
                f"Got an architecture with layers that were made outside of it, and one of them "
                f"cannot be copied ({error}). Make them within the function, or let them "
                "have a get_config, so that the fit does not change yours."
            ) from error
    _copy_weights(model, copied)
    return copied


def _build_as_it_is(spec: NetworkSpec, *, seed: int) -> Any:
    """Return what the architecture makes: with a user's own layers, if it uses them."""
    with _keras_globals(seed=seed, mixed_precision=spec.mixed_precision):
        inputs = keras.Input(spec.image_shape, dtype="float32", name="images")
        x = inputs
        factor, offset = spec.factor_and_offset
        if (factor, offset) != (1.0, 0.0):
            x = layers.Rescaling(factor, offset, dtype="float32")(x)
        if spec.training_size is not None:
            x = layers.Resizing(*spec.training_size, antialias=True, dtype="float32")(x)
        if spec.augmentation is not None:
            x = RandomAugmentation(spec.augmentation.to_dict(), dtype="float32")(x)
        outputs = spec.build(x, spec.n_classes, **spec.architecture_params)
        _check_outputs(outputs, spec)
        if outputs.dtype != "float32":
            outputs = layers.Activation("linear", dtype="float32")(outputs)
        return keras.Model(inputs, outputs, name="ferclassifier")


def weight_shapes(
    spec: NetworkSpec, *, max_weights: int, max_values: int
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights that predict, by name, without memory for them.

    Parameters
    ----------
    spec : NetworkSpec
    max_weights, max_values : int
        How many arrays, and numbers in all, there may be before an `ArchitectureError` is raised.
    """
    with without_values(max_weights, max_values):
        model = _build_as_it_is(spec.of_prediction, seed=0)
        return {name: tuple(weight.shape) for name, weight in named_weights(model).items()}


def _check_outputs(outputs: Any, spec: NetworkSpec) -> None:
    shape = getattr(outputs, "shape", None)
    if shape != (None, spec.n_classes):
        raise ArchitectureError(
            f"Got an architecture that returns {type(outputs).__name__} of shape {shape}, but "
            f"expected a symbolic tensor of probabilities of shape (None, {spec.n_classes}). End "
            'it with layers.Dense(n_classes, activation="softmax")(x) and return that.'
        )


def _reinitialise(model: Any, seed: int) -> bool:
    """Draw all weights of a model anew; False if a layer does not say how."""
    rng = np.random.default_rng(seed)
    values = []
    for layer in model._flatten_layers(include_self=False):
        for variable in [*layer._trainable_variables, *layer._non_trainable_variables]:
            initializer = _initializer_of(layer, variable.name)
            if initializer is None:
                return False
            drawn = int(rng.integers(2**31))
            if "seed" in (config := initializer.get_config()):
                initializer = type(initializer).from_config({**config, "seed": drawn})
            values.append((variable, initializer))
    for variable, initializer in values:
        variable.assign(initializer(variable.shape, dtype=variable.dtype))
    return True


def _reseed(model: Any, seed: int) -> None:
    """Restart the random numbers of dropout and augmentation."""
    rng = np.random.default_rng([seed, 1])
    for layer in model._flatten_layers(include_self=False):
        for generator in layer._seed_generators:
            state = np.array([rng.integers(2**31), 0])
            generator.state.assign(ops.cast(state, generator.state.dtype))


def _initializer_of(layer: Any, variable: str) -> Any:
    names = [variable, variable.removesuffix("_kernel")]
    if isinstance(layer, layers.DepthwiseConv1D | layers.DepthwiseConv2D):
        names.insert(0, {"kernel": "depthwise"}.get(variable, variable))
    for name in names:
        initializer = getattr(layer, f"{name}_initializer", None)
        if initializer is not None:
            return initializer
    return None


def _copy_weights(source: Any, target: Any) -> None:
    target.set_weights(source.get_weights())


def _in_full_rows(predictor: Callable[[Any], Any], images: NDArray[Any]) -> Any:
    """Predict a multiple of eight images, or one, and return what was asked for.

    Products of matrices compute what is left over of a register's rows by other instructions,
    which round differently: an image would get other probabilities at another place.
    """
    missing = -len(images) % _ROWS_OF_A_REGISTER
    if len(images) == 1 or not missing:
        return predictor(images)
    blank = np.zeros((missing, *images.shape[1:]), images.dtype)
    return predictor(np.concatenate([images, blank]))[: len(images)]


def _compile_predictor(model: Any, views: str | None) -> Callable[[Any], Any]:
    """Compile the mean of the network's probabilities over some views of each image."""

    def probabilities(images: Any) -> list[Any]:
        if views is None:
            return [model(images, training=False)]
        seen = _views(ops.cast(images, "float32"), views)
        stacked = model(ops.concatenate(seen), training=False)
        return [ops.mean(ops.reshape(stacked, (len(seen), -1, stacked.shape[-1])), axis=0)]

    functions: dict[str, Callable[..., list[NDArray[Any]]]] = {}

    def predict(images: NDArray[Any]) -> Any:
        dtype = images.dtype.name
        if dtype not in functions:
            signature = [(model.input_shape[1:], dtype)]
            functions[dtype] = compile_for_arrays(probabilities, model, signature)
        return functions[dtype](images)[0]

    return predict


def _views(images: Any, views: str) -> list[Any]:
    """Return the image and its mirror image, and both shifted to four sides if asked for."""
    if views == "flip":
        return [images, ops.flip(images, axis=2)]
    height, width = images.shape[1], images.shape[2]
    step_y, step_x = max(1, round(height / 24)), max(1, round(width / 24))
    rows = [
        ops.minimum(ops.maximum(ops.arange(height) + d, 0), height - 1) for d in (-step_y, step_y)
    ]
    columns = [
        ops.minimum(ops.maximum(ops.arange(width) + d, 0), width - 1) for d in (-step_x, step_x)
    ]
    shifted = [ops.take(ops.take(images, r, axis=1), c, axis=2) for r in rows for c in columns]
    return [view for image in [images, *shifted] for view in (image, ops.flip(image, axis=2))]
