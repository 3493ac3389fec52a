"""Every private or version-dependent name of scikit-learn that the package uses, and why.

* ``_fit_context`` and the constraint classes validate parameters from one table, as in
  scikit-learn's own estimators, with its error messages. They are private, and stable since 1.3.
  To their `Interval` True is 1, and a whole number of a thousand digits one like any other.
* ``_check_feature_names_in`` compares names as ``get_feature_names_out`` does everywhere.
* ``_get_output_config`` tells what ``set_output`` or the global configuration ask for, before
  images are made that no DataFrame can hold.
* ``_BaseComposition`` lets the members of an ensemble be reached by their names, as in
  ``VotingClassifier``. Private, and the same since 0.20.
* ``_safe_indexing`` takes some of the items of lists, arrays and DataFrames alike.
* ``CallbackSupportMixin`` lets a progress bar or a monitor of scores look into a fit. It is new in
  1.9; below, an estimator goes without.
"""

from typing import Any

from sklearn.base import _fit_context as fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    InvalidParameterError,
    Options,
    StrOptions,
    make_constraint,
)
from sklearn.utils._param_validation import Interval as _Interval
from sklearn.utils._set_output import _get_output_config as get_output_config
from sklearn.utils.metaestimators import _BaseComposition as BaseComposition
from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import shortened

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: there are no callbacks."""


# Those that name ranges and choices take more than half of it; what was given, the rest.
_LONGEST_MESSAGE = 400


class ShortMessagesMixin:
    """Errors of parameters that are no longer than a screen, whatever was given for one.

    It stands before `BaseEstimator` among the bases of a class.
    """

    def _validate_params(self) -> None:
        try:
            super()._validate_params()  # type: ignore[misc]
        except InvalidParameterError as error:
            text = " ".join(str(error).split())
            if len(text) <= _LONGEST_MESSAGE:
                raise
            raise InvalidParameterError(shortened(text, _LONGEST_MESSAGE)) from None


class Interval(_Interval):  # type: ignore[misc]
    """Numbers between two bounds: finite ones, and no booleans."""

    def is_satisfied_by(self, val: Any) -> bool:
        """Whether a value is such a number."""
        return is_number(val) and bool(super().is_satisfied_by(val))


__all__ = [
    "BaseComposition",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "Options",
    "ShortMessagesMixin",
    "StrOptions",
    "check_feature_names_in",
    "check_sample_weight",
    "fit_context",
    "get_output_config",
    "make_constraint",
    "safe_indexing",
]
