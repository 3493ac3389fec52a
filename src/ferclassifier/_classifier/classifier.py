"""The estimator: scikit-learn's face of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy, deepcopy
from numbers import Integral, Real
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from ferclassifier._classifier.confidence import ConfidenceMixin
from ferclassifier._classifier.fit import Fit
from ferclassifier._classifier.initial_weights import find_initial_model
from ferclassifier._classifier.inputs import ImageInputMixin
from ferclassifier._classifier.keras_models import FromKerasMixin, ToKerasMixin
from ferclassifier._classifier.parameter_values import check_set_as_whole, check_values
from ferclassifier._classifier.saved_classifier import (
    CLASSIFIER,
    describe_classifier,
    restore_classifier,
)
from ferclassifier._classifier.saving import SavingMixin
from ferclassifier._utils.one_step import as_of_now, changed_in_one_step
from ferclassifier._utils.sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    Options,
    ShortMessagesMixin,
    StrOptions,
    fit_context,
)
from ferclassifier.architectures import DEFAULT_ARCHITECTURE
from ferclassifier.augmentation import PRESETS

if TYPE_CHECKING:
    from typing import Self

    from ferclassifier._keras.network import Network, NetworkFacts

_OPTIMIZERS = {"adam", "adamw", "auto", "muon", "nadam", "rmsprop", "sgd"}


class FERClassifier(
    CallbackSupportMixin,  # type: ignore[misc]
    ConfidenceMixin,
    FromKerasMixin,
    ImageInputMixin,
    SavingMixin,
    ShortMessagesMixin,
    ToKerasMixin,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Classify images of faces, or of anything else, with a convolutional network.

    The network is built and trained with Keras, wrapped through scikeras; everything around it
    is a scikit-learn estimator: it can be cloned, searched, cross-validated, calibrated, stacked
    and pickled.

    Parameters
    ----------
    architecture : str or callable, default="small_resnet"
        A name of :func:`~ferclassifier.list_architectures`, or a function
        ``build(inputs, n_classes, **architecture_params)`` that returns the symbolic
        probabilities of shape (None, n_classes).
    architecture_params : dict, default=None
        Passed to the architecture by keyword, such as ``{"dropout": 0.3}``.
    initial_weights : str, PathLike or None, default=None
        What the first fit starts from instead of random weights: a name of
        :func:`~ferclassifier.list_pretrained`, or the path of a file that `save` wrote. Its
        architecture is taken where `architecture` and `architecture_params` have their defaults,
        and must be the one they name otherwise. The last layer is drawn anew unless the classes
        are the same; images may have another size and other channels.
    learning_rate : float or "auto", default="auto"
        The highest learning rate. "auto" is 0.12 for "muon", 0.08 for "sgd" and 0.001 for the
        other names of optimizers, and a tenth of that for weights that have been fitted: with
        `initial_weights`, and in a `partial_fit` or a fit with `warm_start` after `fit` or `load`.
        For an optimizer of yours it is the rate that this has.
    learning_rate_schedule : {"cosine", "plateau", "constant"}, default="cosine"
        "cosine" warms up for 4 % of the steps and falls to zero along a cosine; "plateau" halves
        the rate when the loss has not fallen for half of `patience` epochs. With "constant" it
        stays as it is, or callbacks may set it.
    optimizer : str, callable or keras.optimizers.Optimizer, default="auto"
        "auto", "muon", "sgd", "adam", "adamw", "nadam" or "rmsprop". "sgd" has Nesterov momentum of
        0.9; "muon" is the same, but for the kernels of convolutions it takes orthogonal steps, with
        which a fit needs fewer epochs. "auto" is "muon" for a fit from random weights, and
        "sgd" where good weights are trained on, and in `partial_fit`. A function that returns a
        Keras optimizer, or an instance whose configuration is copied, is taken with its own weight
        decay and learning rate. If it has a schedule of its own, that is followed instead of
        `learning_rate_schedule`. Its network is compiled for this estimator alone.
    batch_size : int, default=128
        Images per step.
    epochs : int, default=28
        Passes over the training images.
    early_stopping : bool, default=False
        Stop when the accuracy on held-out images, weighted as in training, has not risen for
        `patience` epochs, and keep the weights of the best epoch.
    patience : int, default=10
        See `early_stopping` and `learning_rate_schedule`.
    validation_fraction : float in (0, 1), default=0.1
        Share of the training images held out when `early_stopping` is True and `fit` gets no
        `X_val`: a shuffled, stratified split. A class of one image stays in training.
    augmentation : {"sharp", "light", "standard"}, dict or None, default="standard"
        Random changes of the training images: a preset, or strengths by name ("flip",
        "rotation" in degrees, "zoom", "shift", "contrast", "brightness", "erasing"). See
        :class:`~ferclassifier.augmentation.AugmentationStrength`.
    mixup : float, default=0
        Each training image is mixed with another one, and its label by the same share, which is
        drawn from a Beta distribution with this value as both parameters: 0.2 leaves most images
        nearly alone, 1 draws all shares alike, 0 mixes none. The last tenth of the epochs goes
        without. It lets large networks train longer.
    progressive_resizing : float in (0, 1) or None, default=None
        Train the first 60 % of the epochs on images reduced to this share of their side, which
        costs the square of it; for networks that pool over the whole image.
    class_weight : {"balanced", "sqrt"}, dict or None, default=None
        Weights of the classes, by which those of their images are multiplied. "balanced" brings
        the weights of the images of each class to the same sum; "sqrt" takes the square roots of
        these. Classes that a dict leaves out weigh 1. As in scikit-learn, a dict with a weight for
        each class may name others, which the labels of a fold lack.
    label_smoothing : float in [0, 1), default=0.1
        Share of each label that is spread evenly over all classes.
    loss : {"crossentropy", "focal"}, default="crossentropy"
        Categorical cross-entropy, or the focal loss with an exponent of 2.
    distillation_weight : float in [0, 1], default=0.5
        What the `soft_targets` that `fit` may get count against the labels.
    weight_decay : float, default=0.01
        Decoupled from the gradient and multiplied by the learning rate; biases and
        normalisations are left out.
    average_weights : bool or float in (0, 1), default=False
        Predict with an exponential moving average of the weights; a float is its momentum, True
        averages over about the last 2 % of the steps. The statistics of the normalisations are
        computed anew.
    precision : {"auto", "float32", "mixed_bfloat16"}, default="auto"
        Arithmetic of training. "auto" takes bfloat16 where the processor multiplies it in
        hardware (AVX512-BF16, AMX) or there is a GPU. Weights and predictions are float32.
    test_time_augmentation : {None, "flip", "ten_crop"}, default=None
        Average the probabilities of an image and its mirror image, or of both at five places:
        more accurate, at two or ten times the cost. It can be set after `fit`.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others. What is decoded is resized to it, or to 48 x 48, and is gray unless
        it has 3 channels.
    warm_start : bool, default=False
        Go on from the weights of the last `fit`. Classes, size and scale of the images must be
        the same, and so must the shapes of all weights; other parameters may change.
    checkpoint : str or path-like, default=None
        File to which the state of `fit` is written after every epoch. If it exists, `fit` goes on
        from it, as if there had been no interruption; once a fit is complete it is removed. A
        file serves one fit, and not the candidates of a search. All that decides the fit must be
        what it was: images, labels, weights, parameters, the code of an architecture of one's own
        and the versions of ferclassifier and Keras; of the parameters, `callbacks`,
        `test_time_augmentation` and `verbose` may be others.
    callbacks : list of keras.callbacks.Callback, default=None
        Called during training. They may change the network that is trained, so it is compiled for
        this estimator alone: many fits with callbacks take longer, and more memory, than without.
        Those that set the learning rate, such as `ReduceLROnPlateau`, need
        ``learning_rate_schedule="constant"``.
    random_state : int, RandomState instance or None, default=None
        Fixes the weights, the order of the images, dropout and augmentation: an int gives
        bit-identical fits on one machine.
    verbose : {0, 1, 2}, default=0
        Nothing, a progress bar, or a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, as they were given.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if `fit` saw a DataFrame with string columns.
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that the network takes.
    pixel_scale_ : PixelScale
        The scale of the pixels that `fit` saw.
    history_ : dict of str to list of float
        "loss", "accuracy", "learning_rate" and "seconds" of each epoch, and "val_loss" and
        "val_accuracy" where there was a validation part. Losses and accuracies are means over the
        images, weighted by `sample_weight` times `class_weight` and divided by the sum of these
        weights, without penalties that layers add. In training they are those of augmented images,
        under dropout.
    n_iter_ : int
        Number of epochs that were run.
    best_epoch_ : int or None
        The epoch, from 1, with the highest "val_accuracy"; None without a validation part.
    temperature_ : float
        What the log-probabilities are divided by: 1.0, until `calibrate` fits it.

    See Also
    --------
    load_fer2013 : Read the FER-2013 data set.
    make_faces : Draw faces to try things out.

    Notes
    -----
    Images are ``(n, height, width)``, the same with a last axis of 1 or 3 channels, or rows
    ``(n, pixels)``. Whole numbers in [0, 255], floats among them, are bytes, floats in [0, 1] are
    unit, other floats are taken as they come. Images on another scale than that of `fit` raise
    :class:`~ferclassifier.exceptions.PixelScaleError` or, where the pixels leave it open,
    :class:`~ferclassifier.exceptions.PixelScaleWarning`.

    A list, a Series or a column may hold the arrays of the images, all of one size; FER-2013's
    strings of pixel values; or what :func:`~ferclassifier.images.read_image` takes: paths, bytes,
    binary files, PIL images or dicts of "bytes" and "path". The latter are decoded in the
    background, batch by batch, and more than 100 MB of them again in every epoch, so that there may
    be more than fit into memory. To the model they are bytes.

    `save` and `load` keep the model in a file that cannot run code. Pickling (and joblib) keeps
    every parameter besides, but not the optimizer's state either; loading a pickle runs code: load
    only what you trust.

    Examples
    --------
    >>> from ferclassifier import FERClassifier, make_faces
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0).fit(X, y)
    >>> clf.predict_proba(X[:3]).shape
    (3, 2)
    """

    history_: dict[str, list[float]]
    _network: Network
    _rng: np.random.RandomState

    _schema = CLASSIFIER

    _parameter_constraints: dict[str, list[Any]] = {
        "architecture": [str, callable],
        "architecture_params": [dict, None],
        "initial_weights": [str, PathLike, None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "learning_rate_schedule": [StrOptions({"cosine", "plateau", "constant"})],
        "optimizer": [StrOptions(_OPTIMIZERS), callable, HasMethods(["apply", "get_config"])],
        "batch_size": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "epochs": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "augmentation": [StrOptions(set(PRESETS)), dict, None],
        "mixup": [Interval(Real, 0, None, closed="left")],
        "progressive_resizing": [Interval(Real, 0, 1, closed="neither"), None],
        "class_weight": [StrOptions({"balanced", "sqrt"}), dict, None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "loss": [StrOptions({"crossentropy", "focal"})],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "average_weights": ["boolean", Interval(Real, 0, 1, closed="neither")],
        "precision": [StrOptions({"auto", "float32", "mixed_bfloat16"})],
        "test_time_augmentation": [StrOptions({"flip", "ten_crop"}), None],
        "image_shape": ["array-like", None],
        "warm_start": ["boolean"],
        "checkpoint": [str, PathLike, None],
        "callbacks": [list, None],
        "random_state": ["random_state"],
        "verbose": [Options(Integral, {0, 1, 2}), "boolean"],
    }

    def __init__(
        self,
        architecture: str | Callable[..., Any] = DEFAULT_ARCHITECTURE,
        *,
        architecture_params: dict[str, Any] | None = None,
        initial_weights: str | PathLike[str] | None = None,
        learning_rate: float | Literal["auto"] = "auto",
        learning_rate_schedule: Literal["cosine", "plateau", "constant"] = "cosine",
        optimizer: Any = "auto",
        batch_size: int = 128,
        epochs: int = 28,
        early_stopping: bool = False,
        patience: int = 10,
        validation_fraction: float = 0.1,
        augmentation: str | dict[str, float] | None = "standard",
        mixup: float = 0,
        progressive_resizing: float | None = None,
        class_weight: str | dict[Any, float] | None = None,
        label_smoothing: float = 0.1,
        loss: Literal["crossentropy", "focal"] = "crossentropy",
        distillation_weight: float = 0.5,
        weight_decay: float = 0.01,
        average_weights: bool | float = False,
        precision: Literal["auto", "float32", "mixed_bfloat16"] = "auto",
        test_time_augmentation: Literal["flip", "ten_crop"] | None = None,
        image_shape: Sequence[int] | None = None,
        warm_start: bool = False,
        checkpoint: str | PathLike[str] | None = None,
        callbacks: list[Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.architecture = architecture
        self.architecture_params = architecture_params
        self.initial_weights = initial_weights
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.augmentation = augmentation
        self.mixup = mixup
        self.progressive_resizing = progressive_resizing
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.loss = loss
        self.distillation_weight = distillation_weight
        self.weight_decay = weight_decay
        self.average_weights = average_weights
        self.precision = precision
        self.test_time_augmentation = test_time_augmentation
        self.image_shape = image_shape
        self.warm_start = warm_start
        self.checkpoint = checkpoint
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        soft_targets: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images; or array-like of shape (n,) or (n, 1), their files, see Notes.
        y : array-like of shape (n,)
            Their labels: strings or numbers, two classes or any other number of them.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images, on any scale; images of weight 0 are left out.
        X_val, y_val : array-like, default=None
            Images and labels on which every epoch is validated, instead of a part of `X`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the images of `X_val`, on any scale.
        soft_targets : array-like of shape (n, n_classes), default=None
            Probabilities of each image's classes that the network learns beside `y`, by
            `distillation_weight`: those that a better classifier gives,
            ``teacher.predict_proba(X)`` (distillation), or the shares of several raters' votes. The
            columns are in the order of the sorted labels, or named after them, in a DataFrame.

        Returns
        -------
        self : FERClassifier

        Raises
        ------
        ImageError
            If `X` is no batch of images, or a file cannot be read.
        ArchitectureError
            If the architecture is unknown, takes no such parameters or gives no probabilities.
        CheckpointError
            If the file of `checkpoint` is of another fit.
        DivergenceError
            A ValueError: if the loss or the weights become NaN or infinite, as soon as the epoch
            has ended. The classifier stays as it was.
        ValueError
            If a parameter, a label, a weight or a soft target is not valid.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If a fit of several epochs ends near chance, mostly because its steps were few: with
            what to do.

        References
        ----------
        Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
        arXiv:1503.02531.
        """
        return self._fit(
            X,
            y,
            sample_weight=sample_weight,
            X_val=X_val,
            y_val=y_val,
            sample_weight_val=sample_weight_val,
            soft_targets=soft_targets,
        )

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Pass once over some images, from the weights and the optimizer's state at hand.

        The learning rate is constant, whatever the schedule.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images; or array-like of shape (n,) or (n, 1), their files, see Notes.
        y : array-like of shape (n,)
            Their labels.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be; needed in the first call, unless `fit` came before.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images, relative to 1.

        Returns
        -------
        self : FERClassifier

        Raises
        ------
        DivergenceError
            A ValueError: if the loss or the weights become NaN or infinite.
        ValueError
            If the first call names no classes, or `y` holds others.
        """
        return self._fit(X, y, sample_weight=sample_weight, classes=classes, is_partial=True)

    def set_params(self, **params: Any) -> Self:
        """Set parameters.

        Parameters
        ----------
        **params : dict
            Each as a whole: the setting of an architecture as
            ``architecture_params={"dense": 64}``. In a search, that is a list of dicts.

        Returns
        -------
        self : FERClassifier

        Raises
        ------
        ValueError
            If there is no such parameter, or a name is one of a part, as is
            ``architecture_params__dense``.
        """
        check_set_as_whole(params, self.get_params(deep=False))
        super().set_params(**params)
        return self

    def _validate_params(self) -> None:
        super()._validate_params()
        check_values(self.get_params(deep=False))

    def _uncalibrated_proba(self, X: Any) -> NDArray[np.float32]:
        images = self._validate_images(X, reset=False)
        if len(self.classes_) == 1:
            return np.ones((len(images), 1), dtype=np.float32)
        return self._network.predict(
            images,
            as_bytes=self.pixel_scale_.kind == "bytes",
            views=self.test_time_augmentation,
        )

    def _describe(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return describe_classifier(self)

    @classmethod
    def _restore(cls, described: dict[str, Any], weights: Mapping[str, NDArray[Any]]) -> Self:
        restored: Self = restore_classifier(cls, described, weights)
        return restored

    def _explain(
        self, X: Any, codes: NDArray[np.intp], method: Literal["gradcam", "gradient"]
    ) -> NDArray[np.float32]:
        """Map what speaks for a class of each image: shape (n, height, width), on any scale."""
        from ferclassifier._keras.batches import pixels_for_network

        now = as_of_now(self)
        if len(now.classes_) == 1:  # nothing speaks for it that could speak against it
            return np.zeros((len(codes), *now.image_shape_[:2]), dtype=np.float32)
        images = now._validate_images(X, reset=False)[:]
        pixels = pixels_for_network(images, as_bytes=now.pixel_scale_.kind == "bytes")
        return now._network.explainer.map(method, pixels, codes)

    def _prediction_model(self, name: str) -> Any:
        from ferclassifier._keras.prediction_model import prediction_model

        return prediction_model(
            self._network.keras_model,
            views=self.test_time_augmentation,
            temperature=self.temperature_,
            n_classes=len(self.classes_),
            name=name,
        )

    def _members(self) -> list[FERClassifier]:
        return [self]

    def _network_facts(self) -> NetworkFacts:
        """Return what there is to say of the network that predicts."""
        return self._network.facts()

    def __copy__(self) -> Self:
        """Copy without sharing the network, of which a fit of either takes over the optimizer."""
        copied: Self = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        if self.__sklearn_is_fitted__():
            copied._network, copied._rng = copy(self._network), deepcopy(self._rng)
        return copied

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_network")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _fit(self, X: Any, y: Any, *, is_partial: bool = False, **given: Any) -> Self:
        # What predicts meanwhile, or after a failure, is what was there before: all of it.
        with changed_in_one_step(self) as working:
            fit = Fit(working, self, is_partial=is_partial)
            fit.run(X, y, **given)
        fit.close()
        return self

    @property
    def _n_outputs(self) -> int:
        # A single class needs no network, but fitting one keeps a fit a fit.
        return max(2, len(self.classes_))

    def _initial_model(self) -> FERClassifier | None:
        """Return the model whose weights a fit starts from, if the parameters name one."""
        if self.initial_weights is None:
            return None
        return FERClassifier._from_saved(find_initial_model(self.initial_weights))
