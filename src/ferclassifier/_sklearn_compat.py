"""Every private or version-dependent name of scikit-learn that the package uses, and why.

* ``_fit_context`` and the constraint classes validate parameters from one table, as in
  scikit-learn's own estimators, with its error messages. They are private, and stable since 1.3.
"""

from sklearn.base import _fit_context as fit_context
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

__all__ = ["HasMethods", "Interval", "Options", "StrOptions", "check_sample_weight", "fit_context"]
