"""Compiled networks, and the pools from which fits borrow them.

Compiled networks are reused. TensorFlow keeps 10 MB for each network that it compiles, whatever
is deleted, and compiling takes longer than a small fit; so a network is on a :class:`Lease`: once
nobody holds it, the next fit of an equal :class:`NetworkSpec` takes it, with fresh weights.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ferclassifier._keras.build import build_as_it_is, build_network, copy_weights
from ferclassifier._keras.devices import variables_on
from ferclassifier._keras.explainer import Explainer
from ferclassifier._keras.fresh_weights import reinitialise, reseed
from ferclassifier._keras.loss import Crossentropy, mean_over_weights
from ferclassifier._keras.optimizer import make_optimizer
from ferclassifier._keras.output_probe import check_gives_probabilities
from ferclassifier._keras.predictor import compile_predictor
from ferclassifier._keras.schedule import WarmupSchedule
from ferclassifier._keras.spec import NetworkSpec
from ferclassifier._keras.trainer import BatchwiseClassifier
from ferclassifier._utils.keras_door import keras
from ferclassifier.architectures import is_built_in
from ferclassifier.exceptions import CheckpointError


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
        with variables_on(self.spec.devices):
            return self._built()

    def _built(self) -> Any:
        spec = self.spec
        model = build_network(spec, seed=0)
        loss = Crossentropy(spec.focal_gamma)
        model.compile(
            optimizer=make_optimizer(
                spec.optimizer,
                WarmupSchedule() if spec.decays else None,
                weight_decay=spec.weight_decay,
                average_momentum=spec.average_momentum,
            ),
            loss=loss,
            weighted_metrics=["accuracy", mean_over_weights(loss)],
            jit_compile=keras.backend.backend() == "jax",  # XLA is slower on TensorFlow
        )
        model.optimizer.build(model.trainable_variables)
        targets = np.zeros((1, spec.n_classes), "float32")
        if keras.backend.backend() == "tensorflow":
            # The first step would else make variables of the loss and scores, and be traced twice.
            model._compile_loss.build(targets, targets)
            model._compile_metrics.build(targets, targets)
        if keras.backend.backend() in ("jax", "torch"):
            # The first fit would else take a batch for it, and with it the order of an epoch.
            batch = np.zeros((1, *spec.image_shape), "float32"), targets
            model._symbolic_build(data_batch=batch)
        return model

    def set_rate(self, *, peak: float, warmup: int, total: int) -> None:
        """Set the highest learning rate and, for a cosine, the steps of warm-up and of the fit.

        A schedule that the optimizer brings along stays as it is.
        """
        rate = self.model.optimizer._learning_rate
        if isinstance(rate, WarmupSchedule):
            rate.set(peak=peak, warmup=warmup, total=total)
        elif isinstance(rate, keras.Variable):
            rate.assign(peak)

    def reset(self, seed: int) -> None:
        """Give it the weights and the state of a new one."""
        if not (is_built_in(self.spec.architecture) and reinitialise(self.model, seed)):
            # Weights that a user's function brings along, or a layer that cannot draw its own.
            copy_weights(build_as_it_is(self.spec, seed=seed), self.model)
        reseed(self.model, seed)
        self.reset_optimizer()

    def reset_optimizer(self) -> None:
        """Forget momentum, averages and the number of steps."""
        for variable in self.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape, dtype=variable.dtype))

    @cached_property
    def trainer(self) -> BatchwiseClassifier:
        return BatchwiseClassifier(model=lambda: self.model, warm_start=True)

    @property
    def state(self) -> list[Any]:
        """The variables on which the next epoch of training depends."""
        return [*self.model.variables, *self.model.optimizer.variables]

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
        self._is_probed = is_built_in(spec.architecture)
        self._lock = threading.Lock()

    @cached_property
    def model(self) -> Any:
        with variables_on(()):  # a few hundred images at a time are not worth spreading
            return build_network(self.spec.of_prediction, seed=0)

    def probe(self, images: NDArray[Any], name: str) -> None:
        """Refuse an architecture of a user's that gives no probabilities, the first time."""
        if not self._is_probed:
            check_gives_probabilities(self.model, images, name)
            self._is_probed = True

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.model)

    def predictor(self, views: str | None) -> Callable[[Any], Any]:
        """Return a compiled function from a batch to probabilities."""
        with self._lock:  # two threads would compile the same function twice
            if views not in self._predictors:
                self._predictors[views] = compile_predictor(self.model, views)
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


training_pool = _Pool(TrainingNetwork)
predicting_pool = _Pool(PredictingNetwork)
