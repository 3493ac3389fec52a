"""The seam to Keras and scikeras: the only file in which a network is built, trained and run.

Compiled networks are reused. TensorFlow keeps 10 MB for each network that it compiles, whatever
is deleted, and compiling takes longer than a small fit; so a :class:`Network` that is garbage
collected gives its compiled part back, and the next one of an equal :class:`NetworkSpec` takes
it, with fresh weights.
"""

from __future__ import annotations

import os
import pickle
import random
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

if "tensorflow" not in sys.modules:
    # Its start-up lines are of no use to a reader of scores.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # Without oneDNN, TensorFlow's choice where the processor has no AVX512, training takes two
    # to three times as long there.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
from keras import layers, ops

from ferclassifier._arrays import ImageShape
from ferclassifier._batches import Batches, pixels_for_network
from ferclassifier._checkpoint import Checkpoint, Progress
from ferclassifier._compilation import compile_for_arrays
from ferclassifier._gradients import Explainer
from ferclassifier._image_files import ImageFiles
from ferclassifier._initial_weights import transfer_weights
from ferclassifier._keras_callbacks import PartOfFit, StateKeeper, Watchers
from ferclassifier._keras_layers import (
    Crossentropy,
    RandomAugmentation,
    WarmupSchedule,
)
from ferclassifier._named_weights import named_weights, without_values
from ferclassifier.architectures import get_architecture
from ferclassifier.augmentation import AugmentationStrength
from ferclassifier.exceptions import ArchitectureError, CheckpointError

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


def _share_the_processor() -> None:
    """Let TensorFlow use the threads that a worker process has been given, and no more.

    joblib and Dask say so in OMP_NUM_THREADS, at which TensorFlow does not look: two workers on
    two cores would run four threads. What has been set for TensorFlow itself comes first. Its
    environment variables are not used here, since they would pass to the workers of this process.
    """
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if not threads.isdecimal() or threads == "0" or keras.backend.backend() != "tensorflow":
        return
    from tensorflow.config import threading as settings

    for kind in ("intra", "inter"):
        is_set = f"TF_NUM_{kind.upper()}OP_THREADS" in os.environ
        if not is_set and not getattr(settings, f"get_{kind}_op_parallelism_threads")():
            with suppress(RuntimeError):  # TensorFlow runs already
                getattr(settings, f"set_{kind}_op_parallelism_threads")(int(threads))


_share_the_processor()

_PREDICTION_BATCH = 256
_STATISTICS_BATCHES = 32
_ROWS_OF_A_REGISTER = 8
_WARMUP_SHARE = 0.04
_TUNING_SHARE = 0.1
_DEFAULT_LEARNING_RATES = {"sgd": 0.08, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3, "nadam": 1e-3}
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
    def key(self) -> tuple[Any, ...]:
        """What makes two specs equal, hashable."""
        optimizer = self.optimizer
        if isinstance(optimizer, keras.optimizers.Optimizer):
            optimizer = (type(optimizer), repr(optimizer.get_config()))
        values = {**self.__getstate__(), "optimizer": optimizer}
        try:
            values["architecture_params"] = pickle.dumps(sorted(self.architecture_params.items()))
        except (pickle.PicklingError, AttributeError, TypeError):
            values["architecture_params"] = object()  # equal to nothing else: not shared
        return tuple((name, values[name]) for name in self.__dataclass_fields__)

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


def default_learning_rate(optimizer: Any, *, tunes: bool = False) -> float:
    """Return the rate that suits an optimizer, for random weights or to tune good ones."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return float(ops.convert_to_numpy(optimizer.learning_rate))
    rate = _DEFAULT_LEARNING_RATES.get(optimizer, 1e-3)
    return rate * _TUNING_SHARE if tunes else rate


class _CompiledNetwork:
    """The networks of one spec: one for training, one in float32 for prediction."""

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self._predictors: dict[Any, Callable[[Any], Any]] = {}

    @cached_property
    def inference(self) -> Any:
        spec = replace(self.spec, augmentation=None, mixed_precision=False, training_size=None)
        return _build(spec, seed=0)

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.inference)

    @cached_property
    def training(self) -> Any:
        spec = self.spec
        model = _build(spec, seed=0)
        model.compile(
            optimizer=_make_optimizer(spec, self.schedule),
            loss=Crossentropy(spec.label_smoothing, spec.focal_gamma),
            metrics=["accuracy"],
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
        """Give the training network the weights and the state of a new one."""
        if not _reinitialise(self.training, seed):
            # A layer that cannot draw its weights anew: build another network.
            _copy_weights(_build(self.spec, seed=seed), self.training)
        _reseed(self.training, seed)
        self.reset_optimizer()

    def reset_optimizer(self) -> None:
        """Forget momentum, averages and the number of steps."""
        for variable in self.training.optimizer.variables:
            variable.assign(np.zeros(variable.shape, dtype=variable.dtype))

    @cached_property
    def trainer(self) -> _BatchwiseClassifier:
        return _BatchwiseClassifier(model=lambda: self.training, warm_start=True)

    @property
    def state(self) -> list[Any]:
        """The variables on which the next epoch of training depends."""
        model = self.training
        variables = [*model.variables, *model.optimizer.variables, *self.schedule.variables]
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

    def predictor(self, views: str | None) -> Callable[[Any], Any]:
        """Return a compiled function from a batch to probabilities."""
        if views not in self._predictors:
            self._predictors[views] = _compile_predictor(self.inference, views)
        return self._predictors[views]


class _Pool:
    """Compiled networks that nobody uses at the moment."""

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._idle: OrderedDict[int, _CompiledNetwork] = OrderedDict()
        # A finalizer may run while this very thread holds the lock.
        self._lock = threading.RLock()

    def take(self, spec: NetworkSpec) -> _CompiledNetwork:
        with self._lock:
            # A copy: comparing may collect garbage, and a finalizer then adds to the pool.
            for key, network in list(self._idle.items()):
                if network.spec.key == spec.key:
                    return self._idle.pop(key)
        return _CompiledNetwork(spec)

    def give_back(self, network: _CompiledNetwork) -> None:
        with self._lock:
            self._idle[id(network)] = network
            while len(self._idle) > self._size:
                self._idle.popitem(last=False)


_pool = _Pool()


class Network:
    """A network with its weights: trained through scikeras, pickled as arrays.

    Parameters
    ----------
    spec : NetworkSpec
    """

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self._attach(_pool.take(spec))

    def _attach(self, compiled: _CompiledNetwork) -> None:
        self._compiled = compiled
        self._lock = threading.Lock()
        self._is_ready_for_training = False
        finalizer = weakref.finalize(self, _pool.give_back, compiled)
        finalizer.atexit = False

    def initialise(self, seed: int) -> None:
        """Draw new weights for training; predictions stay what they are until `fit` ends."""
        self._compiled.reset(seed)
        self._is_ready_for_training = True

    def start_from(self, other: Network, *, with_head: bool) -> None:
        """Train on from the weights of a network for other images or classes."""
        transfer_weights(other._compiled.inference, self._compiled.training, with_head=with_head)

    def continue_from(self, other: Network, seed: int) -> None:
        """Take another network's weights for training, and forget the optimizer's state."""
        if not self._is_ready_for_training:
            self.initialise(seed)
        _copy_weights(other._compiled.inference, self._compiled.training)
        self._compiled.reset_optimizer()

    def fit(
        self, batches: Batches, settings: TrainingSettings, validation: Batches | None = None
    ) -> tuple[dict[str, list[float]], int | None]:
        """Train, from the weights and the optimizer's state at hand.

        Returns
        -------
        history : dict of str to list of float
            A value per epoch of loss, accuracy, learning_rate and seconds, and of val_loss and
            val_accuracy where there is a validation part.
        best_epoch : int or None
            Index of the epoch whose weights were kept; None without a validation part.
        """
        # Weights that are half-way, after an interruption, are not to be trained further.
        self._is_ready_for_training = False
        steps = len(batches) * settings.epochs
        self._compiled.schedule.set(
            peak=settings.learning_rate,
            warmup=round(_WARMUP_SHARE * steps) if settings.warms_up else 0,
            total=steps,
        )
        watchers = Watchers.for_fit(settings, self.spec, validates=validation is not None)
        if settings.progress is not None:
            watchers.remember(settings.progress)
        with _reading(batches, validation):
            try:
                self._train(batches, settings, validation, watchers)
            finally:
                for callback in settings.callbacks:
                    callback.set_model(None)  # the network will serve others
            self._hand_over(batches, settings)
        self._is_ready_for_training = True
        return watchers.record.history, watchers.best_epoch

    def _hand_over(self, batches: Batches, settings: TrainingSettings) -> None:
        """Predict with what was trained, or, if that is interrupted, with what was there before."""
        inference = self._compiled.inference
        before = inference.get_weights()
        try:
            _copy_weights(self._compiled.training, inference)
            if self.spec.average_momentum or self.spec.augmentation is not None:
                batches.epoch = settings.epochs - 1  # the same images after an interruption
                batches.on_epoch_begin()
                recompute_statistics(inference, batches)
        except BaseException:
            inference.set_weights(before)
            raise

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
        parts = [(self, start if is_stopped else settings.epochs)]
        if start < settings.small_epochs and not is_stopped:
            parts.insert(0, (self._for_small_images(settings), settings.small_epochs))
            state = self._compiled.state_values() if state is None else state
        for number, (network, end) in enumerate(parts):
            compiled = network._compiled
            if state is not None:
                compiled.set_state(state)
            batches.epoch = start - 1
            keeper = StateKeeper(compiled, settings, watchers, end)
            callbacks = PartOfFit(
                [*watchers.callbacks, keeper, *settings.callbacks],
                compiled.training,
                is_first=number == 0,
                is_last=network is self,
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
            if compiled.training.stop_training:
                _copy_weights(compiled.training, self._compiled.training)
                break
            start, state = end, keeper.state

    def _for_small_images(self, settings: TrainingSettings) -> Network:
        small = Network(replace(self.spec, training_size=settings.small_size))
        try:
            shapes, small_shapes = (
                [tuple(variable.shape) for variable in network._compiled.training.variables]
                for network in (self, small)
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
        inference = taken._compiled.inference
        _copy_weights(training, inference)
        if self.spec.average_momentum:
            averages = training.optimizer._model_variables_moving_average
            for variable, average in zip(inference.trainable_variables, averages, strict=True):
                variable.assign(average)
        return taken

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
        with self._lock:  # two threads would compile the same function twice
            predictor = self._compiled.predictor(views)
        size = max(1, _PREDICTION_BATCH // _VIEWS[views])
        parts = [
            _in_full_rows(predictor, pixels_for_network(images[i : i + size], as_bytes=as_bytes))
            for i in range(0, len(images), size)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    @property
    def is_ready_for_training(self) -> bool:
        """Whether training can go on: False after loading, which leaves the optimizer behind."""
        return self._is_ready_for_training

    @property
    def keras_model(self) -> Any:
        """The float32 network that predicts, a functional ``keras.Model``."""
        return self._compiled.inference

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
        with self._lock:
            return self._compiled.explainer

    def __getstate__(self) -> dict[str, Any]:
        return {"spec": self.spec, "weights": self._compiled.inference.get_weights()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.spec = state["spec"]
        self._attach(_pool.take(self.spec))
        self._compiled.inference.set_weights(state["weights"])


@contextmanager
def _reading(*sources: Batches | None) -> Iterator[None]:
    """Let batches be read in the background, and raise what went wrong there as it was."""
    with ExitStack() as stack:
        batches = [source for source in sources if source is not None]
        for source in batches:
            stack.enter_context(source.reading_ahead())
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
    build = get_architecture(spec.architecture, spec.architecture_params)
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
        outputs = build(x, spec.n_classes, **spec.architecture_params)
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
        model = _build(replace(spec, augmentation=None, mixed_precision=False), seed=0)
        return {name: tuple(weight.shape) for name, weight in named_weights(model).items()}


def _check_outputs(outputs: Any, spec: NetworkSpec) -> None:
    shape = getattr(outputs, "shape", None)
    if shape != (None, spec.n_classes):
        raise ArchitectureError(
            f"Got an architecture that returns {type(outputs).__name__} of shape {shape}, but "
            f"expected a symbolic tensor of probabilities of shape (None, {spec.n_classes}). End "
            'it with layers.Dense(n_classes, activation="softmax")(x) and return that.'
        )


def _make_optimizer(spec: NetworkSpec, schedule: WarmupSchedule) -> Any:
    optimizer = spec.optimizer
    if isinstance(optimizer, str):
        # Keras's Adam decouples its weight decay too, and takes none.
        made = keras.optimizers.get({"adamw": "adam"}.get(optimizer, optimizer))
        momentum = {"momentum": 0.9, "nesterov": True} if optimizer == "sgd" else {}
        kind = type(made)
        config = {**made.get_config(), **momentum, "weight_decay": spec.weight_decay or None}
    elif isinstance(optimizer, keras.optimizers.Optimizer):
        kind, config = type(optimizer), optimizer.get_config()
    else:
        made = optimizer()
        kind, config = type(made), made.get_config()
    if spec.average_momentum:
        config.update(use_ema=True, ema_momentum=spec.average_momentum)
    made = kind.from_config({**config, "learning_rate": schedule})
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    for variable in schedule.variables:
        made._track_variable(variable)  # else JAX compiles their values in
    return made


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


def recompute_statistics(model: Any, batches: Batches) -> None:
    """Compute the statistics of BatchNorm on images as they are predicted.

    In training they are those of augmented images under dropout: smoother ones, by the
    interpolation of the warp, with another variance. Here they become the mean over the batches,
    each counting by its size, with dropout off; averaged weights get statistics of their own.

    Parameters
    ----------
    model : keras.Model
        The network that predicts, without augmentation.
    batches : Batches
        Of the training images.

    References
    ----------
    Li et al., "Understanding the Disharmony between Dropout and Batch Normalization by Variance
    Shift", arXiv:1801.05134; Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
    Generalization", arXiv:1803.05407.
    """
    parts = list(model._flatten_layers(include_self=False))
    normalisations = [part for part in parts if isinstance(part, layers.BatchNormalization)]
    if not normalisations:
        return
    dropouts = [part for part in parts if isinstance(part, layers.Dropout)]
    momenta = [layer.momentum for layer in normalisations]
    rates = [layer.rate for layer in dropouts]
    seen = 0
    try:
        for layer in dropouts:
            layer.rate = 0.0
        for i in range(min(len(batches), _STATISTICS_BATCHES)):
            images = batches[i][0]
            for layer in normalisations:
                layer.momentum = seen / (seen + len(images))
            model(images, training=True)
            seen += len(images)
    finally:
        for layer, momentum in zip(normalisations, momenta, strict=True):
            layer.momentum = momentum
        for layer, rate in zip(dropouts, rates, strict=True):
            layer.rate = rate


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
