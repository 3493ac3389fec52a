"""How sure a classifier is: calibrated probabilities, and the right to say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier._classifier.temperature import at_temperature, best_temperature
from ferclassifier._utils.one_step import as_of_now
from ferclassifier._utils.sklearn_compat import check_sample_weight
from ferclassifier.metrics._class_codes import check_spelling, codes_of
from ferclassifier.metrics._label_column import label_column

if TYPE_CHECKING:
    from typing import Self


class ConfidenceMixin:
    """Predictions of a classifier that has a temperature.

    A class that inherits from it writes `_uncalibrated_proba`, and sets `classes_`, and
    `temperature_` to 1, whenever it is fitted.
    """

    classes_: NDArray[Any]
    temperature_: float

    def _uncalibrated_proba(self, X: Any) -> NDArray[np.float32]:
        """Return probabilities of shape (n, n_classes), at a temperature of 1."""
        raise NotImplementedError

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images, on the pixel scale of `fit`; or array-like of shape (n,) or (n, 1),
            their files, as `fit` takes them.

        Returns
        -------
        probabilities : ndarray of shape (n, n_classes), float32
            Columns in the order of `classes_`; each row sums to 1.

        Raises
        ------
        DivergenceError
            A ValueError: if the model's weights are NaN.
        PixelScaleError
            If the pixels are on another scale than those that `fit` saw.
        """
        check_is_fitted(self)
        now = as_of_now(self)
        return at_temperature(now._uncalibrated_proba(X), now.temperature_)

    def predict(
        self, X: ArrayLike, *, reject_below: float | None = None, reject_label: Any = None
    ) -> NDArray[Any]:
        """Predict the label of each image, or none where the classifier is not sure.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images, on the pixel scale of `fit`; or array-like of shape (n,) or (n, 1),
            their files, as `fit` takes them.
        reject_below : float in [0, 1], default=None
            Images whose highest probability is lower get `reject_label` [1]_; it is rounded to
            float32, as probabilities are. None rejects none.
        reject_label : str or number, default=None
            Of the kind of the classes, and none of them. None takes "rejected" where the classes
            are strings, and -1 where they are numbers.

        Returns
        -------
        labels : ndarray of shape (n,)
            Labels as they were given to `fit`. With `reject_below` the dtype is wide enough for
            `reject_label` too.

        Raises
        ------
        PixelScaleError
            If the pixels are on another scale than those that `fit` saw.
        ValueError
            If `reject_below` is no probability, or `reject_label` is one of the classes, of another
            kind than they are, or given without `reject_below`.

        See Also
        --------
        ferclassifier.metrics.coverage_accuracy_curve : What rejecting costs and brings.

        References
        ----------
        .. [1] C. K. Chow, "On optimum recognition error and reject tradeoff", IEEE Transactions on
           Information Theory 16, 1970, pp. 41-46.
        """
        check_is_fitted(self)
        now = as_of_now(self)
        option = RejectOption(now.classes_, reject_below, reject_label)
        return option.labels_of(now.predict_proba(X))

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of images whose label is predicted.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images, on the pixel scale of `fit`; or array-like of shape (n,) or (n, 1),
            their files, as `fit` takes them.
        y : array-like of shape (n,)
            Their labels. One that the classifier was not fitted on counts as wrongly predicted.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images, on any scale.

        Returns
        -------
        accuracy : float in [0, 1]

        Raises
        ------
        DataError
            A ValueError: if `y` holds codes and the classifier was fitted on names, or the other
            way round; or if it has several columns, as one-hot labels have.
        PixelScaleError
            A ValueError: if the pixels are on another scale than those that `fit` saw.

        Warns
        -----
        UserWarning
            If the classifier knows labels of `y` in another spelling, or none of them.
        """
        check_is_fitted(self)
        labels = label_column(y)
        check_spelling(labels, self.classes_)
        return float(accuracy_score(labels, self.predict(X), sample_weight=sample_weight))

    def calibrate(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the temperature of the probabilities, on images that the model was not trained on.

        The logarithms of all probabilities are divided by one number, `temperature_`, for which
        their log-loss is lowest on these images [1]_. The order of the classes stays, and so do the
        labels that are predicted. Calibrating again starts from the probabilities as they were.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            Held-out images, on the pixel scale of `fit`; or array-like of shape (n,) or (n, 1),
            their files, as `fit` takes them. Some hundreds are enough.
        y : array-like of shape (n,)
            Their labels.
        sample_weight : array-like of shape (n,), >= 0, default=None
            Weights of the images, on any scale.

        Returns
        -------
        self : estimator
            With a `temperature_` in [0.1, 10], which the next fit sets to 1 again: above 1 if the
            model was too sure, below 1 if it was not sure enough, and 1 if it knows one class only.

        Raises
        ------
        DataError
            A ValueError: if `y` holds labels that are not in `classes_`.
        PixelScaleError
            A ValueError: if the pixels are on another scale than those that `fit` saw.
        ValueError
            If the lengths differ, or weights are negative or all zero.

        Warns
        -----
        ConvergenceWarning
            If the best temperature lies beyond a bound, as where all predictions are right.

        References
        ----------
        .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
           networks", ICML 2017, arXiv:1706.04599.
        """
        check_is_fitted(self)
        now = as_of_now(self)
        codes = codes_of(label_column(y), now.classes_, name="y")
        weights = None if sample_weight is None else _check_weights(sample_weight, codes)
        probabilities = now._uncalibrated_proba(X)
        check_consistent_length(probabilities, codes)
        self.temperature_ = best_temperature(probabilities, codes, weights)
        return self


def _check_weights(sample_weight: ArrayLike, codes: NDArray[np.intp]) -> NDArray[np.float64]:
    if not np.any(sample_weight):
        raise ValueError(
            "Got a sample_weight of zero for every image, but at least one must be positive: there "
            "is nothing to calibrate on."
        )
    weights: NDArray[np.float64] = check_sample_weight(
        sample_weight, codes, dtype=np.float64, ensure_non_negative=True
    )
    return weights
