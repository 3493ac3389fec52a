"""Several classifiers that give one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, clone
from sklearn.utils import Bunch, check_array
from sklearn.utils.validation import check_is_fitted

from ferclassifier._classifier.classifier import FERClassifier
from ferclassifier._classifier.confidence import ConfidenceMixin
from ferclassifier._classifier.keras_models import ToKerasMixin
from ferclassifier._classifier.saved_voting import VOTING, describe_voting, restore_voting
from ferclassifier._classifier.saving import SavingMixin
from ferclassifier._utils.one_step import changed_in_one_step
from ferclassifier._utils.sklearn_compat import BaseComposition, ShortMessagesMixin, fit_context
from ferclassifier._utils.wording import in_words, quoted
from ferclassifier.exceptions import DivergenceError, ModelFileError

if TYPE_CHECKING:
    from typing import Self


class FERVotingClassifier(
    ConfidenceMixin,
    SavingMixin,
    ShortMessagesMixin,
    ToKerasMixin,
    ClassifierMixin,  # type: ignore[misc]
    BaseComposition,  # type: ignore[misc]
):
    """Average the probabilities of several classifiers.

    Networks that were trained from different seeds, or of different architectures, make different
    mistakes, and their mean is more accurate than each of them.

    Parameters
    ----------
    estimators : list of (str, estimator)
        The members by their names: each a :class:`~ferclassifier.FERClassifier`, a pipeline that
        ends in one, or another classifier with `predict_proba` that takes the same images.
    weights : array-like of shape (n_members,), default=None
        How much each member counts, on any scale; None for equal weights. They can be changed
        after `fit`; then calibrate anew.

    Attributes
    ----------
    estimators_ : list of estimator
        The fitted members.
    named_estimators_ : Bunch
        The same by their names.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, as they were given.
    n_features_in_ : int
        Number of values per image; only if the first member has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if the first member saw a DataFrame with string columns.
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that the members take; only if the first member has it.
    temperature_ : float
        What the logarithms of the mean probabilities are divided by: 1.0, until `calibrate` fits
        it. Those of the members are their own, and act before the mean is taken.

    See Also
    --------
    sklearn.ensemble.VotingClassifier : The same for any classifiers, also by a vote on labels.

    Notes
    -----
    scikit-learn's `VotingClassifier` shows its members codes instead of labels, takes members that
    have been fitted only inside of a `FrozenEstimator`, and has neither a temperature nor a reject
    option. This one routes no metadata: it takes `sample_weight` itself, as
    ``set_fit_request(sample_weight=True)`` says, and hands it to all members.

    Examples
    --------
    >>> from ferclassifier import FERClassifier, FERVotingClassifier, make_faces
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> members = [
    ...     (f"seed {seed}", FERClassifier("gap_cnn", epochs=1, random_state=seed))
    ...     for seed in (0, 1)
    ... ]
    >>> FERVotingClassifier(members, weights=[2, 1]).fit(X, y).predict_proba(X[:3]).shape
    (3, 2)
    """

    image_shape_: tuple[int, int, int]

    _schema = VOTING

    _parameter_constraints: dict[str, list[Any]] = {
        "estimators": [list],
        "weights": ["array-like", None],
    }

    def __init__(
        self, estimators: list[tuple[str, Any]], *, weights: ArrayLike | None = None
    ) -> None:
        self.estimators = estimators
        self.weights = weights

    @classmethod
    def from_fitted(
        cls, estimators: Sequence[tuple[str, Any]], *, weights: ArrayLike | None = None
    ) -> Self:
        """Make a fitted ensemble of members that have been fitted, as they are.

        Parameters
        ----------
        estimators : list of (str, estimator)
            The fitted members by their names; they are not copied.
        weights : array-like of shape (n_members,), default=None
            How much each member counts, on any scale; None for equal weights.

        Returns
        -------
        ensemble : FERVotingClassifier

        Raises
        ------
        NotFittedError
            If a member has not been fitted.
        ValueError
            If the members know different classes, or take images of different shapes, or if there
            are no members, two of one name, or not a weight for each.
        """
        ensemble = cls(list(estimators), weights=weights)
        ensemble._validate_params()
        ensemble._check_members()
        for _, member in ensemble.estimators:
            check_is_fitted(member)
        return ensemble._set_members([member for _, member in ensemble.estimators])

    @fit_context(prefer_skip_nested_validation=False)  # type: ignore[untyped-decorator]
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit a clone of each member.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images, in any form that the members take.
        y : array-like of shape (n,)
            Their labels: strings or numbers.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images. All members have to take them.

        Returns
        -------
        self : FERVotingClassifier

        Raises
        ------
        ValueError
            If there are no members, two of one name, or not a weight for each.
        """
        self._check_members()
        given = {} if sample_weight is None else {"sample_weight": sample_weight}
        members = [clone(member).fit(X, y, **given) for _, member in self.estimators]
        with changed_in_one_step(self) as working:
            working._set_members(members)
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, and with `deep` also the members and theirs, by their names.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return the members too.

        Returns
        -------
        dict
        """
        return self._get_params("estimators", deep=deep)  # type: ignore[no-any-return]

    def set_params(self, **params: Any) -> Self:
        """Set parameters, members by their names, and parameters of these as ``name__parameter``.

        Parameters
        ----------
        **params : dict
            Such as ``estimators``, ``weights`` or ``vgg__epochs``.

        Returns
        -------
        self : FERVotingClassifier
        """
        self._set_params("estimators", **params)
        return self

    def _uncalibrated_proba(self, X: Any) -> NDArray[np.float32]:
        members = [member.predict_proba(X) for member in self.estimators_]
        mean = np.average(members, axis=0, weights=self._checked_weights()).astype(np.float32)
        if not np.isfinite(mean).all():
            names = [
                name
                for name, proba in zip(self.named_estimators_, members, strict=True)
                if not np.isfinite(proba).all()
            ]
            raise DivergenceError(
                f"Got probabilities that are NaN or infinite from {in_words(names)}, of which no "
                "mean can be taken. Fit such members anew."
            )
        return mean

    def _describe(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return describe_voting(self)

    @classmethod
    def _restore(cls, described: dict[str, Any], weights: Mapping[str, NDArray[Any]]) -> Self:
        restored: Self = restore_voting(cls, described, weights)
        return restored

    def _prediction_model(self, name: str) -> Any:
        from ferclassifier._keras.prediction_model import mean_model

        members = [
            member._prediction_model(f"member_{i}") for i, member in enumerate(self._members())
        ]
        given = self._checked_weights()
        weights = np.ones(len(members)) if given is None else given
        return mean_model(
            members, (weights / weights.sum()).tolist(), temperature=self.temperature_, name=name
        )

    def _members(self) -> list[FERClassifier]:
        for name, member in self.named_estimators_.items():
            if not isinstance(member, FERClassifier):
                raise ModelFileError(
                    f"The member {name!r} is a {type(member).__name__}, but expected a "
                    "FERClassifier: of others it is not known what they compute."
                )
        return list(self.estimators_)

    def _check_members(self) -> None:
        if not self.estimators or not all(
            isinstance(item, tuple) and len(item) == 2 and hasattr(item[1], "predict_proba")
            for item in self.estimators
        ):
            raise ValueError(
                f"Got estimators={quoted(self.estimators)}, but expected a list of (name, "
                "classifier), one or more, of classifiers with predict_proba."
            )
        self._validate_names([name for name, _ in self.estimators])
        self._checked_weights()

    def _checked_weights(self) -> NDArray[np.float64] | None:
        if self.weights is None:
            return None
        weights: NDArray[np.float64] = check_array(
            self.weights, dtype=np.float64, ensure_2d=False, input_name="weights"
        )
        n_members = len(self.estimators)
        if weights.shape != (n_members,) or weights.min() < 0 or not weights.any():
            raise ValueError(
                f"Got weights={quoted(self.weights)}, but expected a number for each of the "
                f"{n_members} estimators, none of them negative and not all zero."
            )
        return weights

    def _set_members(self, members: list[Any]) -> Self:
        names = [name for name, _ in self.estimators]
        for attribute in ("classes_", "image_shape_"):
            _check_equal(members, names, attribute)
        self.estimators_ = members
        self.named_estimators_ = Bunch(**dict(zip(names, members, strict=True)))
        self.classes_ = members[0].classes_
        self.temperature_ = 1.0
        for attribute in ("n_features_in_", "feature_names_in_", "image_shape_"):
            if hasattr(members[0], attribute):
                setattr(self, attribute, getattr(members[0], attribute))
            elif hasattr(self, attribute):  # of an earlier fit
                delattr(self, attribute)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _check_equal(members: list[Any], names: list[str], attribute: str) -> None:
    """Compare what all members have that do have it: a pipeline knows no shape of images."""
    found = {
        name: getattr(member, attribute)
        for name, member in zip(names, members, strict=True)
        if hasattr(member, attribute)
    }
    values = list(found.values())
    if not all(np.array_equal(value, values[0]) for value in values):
        raise ValueError(
            f"The members differ in {attribute}: {quoted(found)}. Members of one ensemble must "
            "know the same classes and take the same images; fit them on the same data."
        )
