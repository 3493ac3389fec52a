"""A network with its weights: predicting what one fit made of it, or on its way to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._keras.batches import Batches, pixels_for_network
from ferclassifier._keras.build import copy_weights
from ferclassifier._keras.callbacks import PartOfFit, StateKeeper, Watchers
from ferclassifier._keras.compiled import (
    Lease,
    PredictingNetwork,
    TrainingNetwork,
    predicting_pool,
    training_pool,
)
from ferclassifier._keras.devices import batches_over
from ferclassifier._keras.explainer import Explainer
from ferclassifier._keras.finiteness import check_probabilities, check_weights
from ferclassifier._keras.float32 import float32_by_default
from ferclassifier._keras.forked import check_not_forked
from ferclassifier._keras.going_on import check_weights_fit
from ferclassifier._keras.named_weights import named_weights
from ferclassifier._keras.output_probe import N_IMAGES
from ferclassifier._keras.predictor import PREDICTION_BATCH, VIEWS, in_full_rows
from ferclassifier._keras.rate_setters import RateWatch, rate_setters_named
from ferclassifier._keras.spec import NetworkSpec, TrainingSettings
from ferclassifier._keras.statistics import (
    MOST_IMAGES,
    Statistics,
    images_for_statistics,
    moved_statistics,
    recompute_statistics,
    set_statistics,
    statistics_of,
)
from ferclassifier._keras.transfer import transfer_weights
from ferclassifier.exceptions import ArchitectureError
from ferclassifier.images._arrays import parts_of
from ferclassifier.images._sources import ImageSources

if TYPE_CHECKING:
    from typing import Self


_WARMUP_SHARE = 0.04


class NetworkFacts(NamedTuple):
    """What there is to say of a network.

    Attributes
    ----------
    architecture : str
        Its name, or that of the user's function.
    n_weights : int
        Numbers of which it consists.
    has_gradcam : bool
        Whether it has feature maps that can be explained, and the backend gradients.
    """

    architecture: str
    n_weights: int
    has_gradcam: bool


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
        self._predicting = predicting_pool.take(spec.of_prediction)
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
        self, images: NDArray[Any] | ImageSources, *, as_bytes: bool, views: str | None
    ) -> NDArray[Any]:
        """Return probabilities of shape (n, n_classes), float32.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), or ImageSources
        as_bytes : bool
            Whether integers are bytes.
        views : {None, "flip", "ten_crop"}
            The views of each image whose probabilities are averaged.

        Raises
        ------
        DivergenceError, ImageError
            If some are NaN, by the weights or by the pixels.
        ForkedProcessError
            If TensorFlow cannot be used in this process.
        """
        check_not_forked()
        predictor = self._predicting.network.predictor(views)
        size = max(1, PREDICTION_BATCH // VIEWS[views])
        with float32_by_default():
            parts = [
                in_full_rows(predictor, pixels_for_network(images[part], as_bytes=as_bytes))
                for part in parts_of(images, size)
            ]
        probabilities: NDArray[Any] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        check_probabilities(probabilities, self.keras_model)
        return probabilities

    def probe(self, images: NDArray[Any]) -> None:
        """Refuse an architecture that gives no probabilities; its weights do not matter.

        Raises
        ------
        ArchitectureError
            If it does not.
        """
        self._predicting.network.probe(images, self.spec.architecture_name)

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

    def facts(self) -> NetworkFacts:
        """Return what there is to say of it."""
        return NetworkFacts(
            self.spec.architecture_name,
            int(self.keras_model.count_params()),
            self.explainer.allows_gradcam,
        )

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
        check_not_forked()
        lease = None
        may_take = from_state or not has_callbacks
        if before is not None and may_take and before.spec.key == spec.key:
            lease = before.take_training(untouched=not from_state)
        if before is None or lease is None:
            network = cls(spec, (training_pool.make if has_callbacks else training_pool.take)(spec))
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
            check_weights_fit(before.spec, before.keras_model.weights, self.spec, self._model)
            copy_weights(before.keras_model, self._model)
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

        Raises
        ------
        DivergenceError
            If the loss of an epoch, or what the fit ends with, is NaN or infinite.
        """
        steps = len(batches) * settings.epochs
        self._compiled.set_rate(
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
            network.probe(batches.some_images(N_IMAGES))
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
        those of training, which averaged over more of them. A short fit takes fewer images.
        """
        predicting = network.keras_model
        check_weights(copy_weights(self._model, predicting))
        is_another = self.spec.augmentation is not None or self.spec.average_momentum
        if is_another or self._n_statistics or settings.is_one_of_many:
            batches.epoch = settings.epochs - 1  # the same images after an interruption
            batches.on_epoch_begin()
            goes_on = self._n_statistics or settings.is_one_of_many or settings.tunes
            n_trained = settings.epochs * batches.n_images
            n_images = None if goes_on else images_for_statistics(n_trained)
            recompute_statistics(predicting, batches, n_images)
        statistics = statistics_of(predicting)
        check_weights(statistics)
        return statistics

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
            watch = RateWatch(settings.course, watchers.plateau, settings.learning_rate, keeper)
            callbacks = PartOfFit(
                [*watchers.callbacks, keeper, *settings.callbacks, watch],
                compiled.model,
                is_first=number == 0,
                is_last=compiled is self._compiled,
                epochs=settings.epochs,
                steps=len(batches),
            )
            try:
                with rate_setters_named(settings.course), batches_over(self.spec.devices):
                    compiled.trainer.fit(
                        batches,
                        None,
                        initial_epoch=start,
                        epochs=end,
                        callbacks=callbacks,
                        validation_data=validation,
                    )
            except BaseException:
                with suppress(Exception):  # what ended the fit is what is to be told
                    keeper.catch_up()
                raise
            if compiled.model.stop_training:
                copy_weights(compiled.model, self._model)
                break
            start, state = end, keeper.state

    def _for_small_images(self, settings: TrainingSettings) -> Lease[TrainingNetwork]:
        is_touched = self._compiled.is_touched
        spec = replace(self.spec, training_size=settings.small_size)
        small = (training_pool.make if is_touched else training_pool.take)(spec)
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
        copy_weights(training, predicting)
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
