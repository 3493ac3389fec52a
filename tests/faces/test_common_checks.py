"""scikit-learn's checks of transformers, on photos that are made of matrices of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from ferclassifier import FaceCropper


class FindsNothing:
    """A detector whose name is the same in each process, as those of cases have to be."""

    def __call__(self, pixels: np.ndarray) -> list[Any]:
        return []

    def __repr__(self) -> str:
        return "FindsNothing()"


class CropperOfNumbers(FaceCropper):
    """Crops photos that are made of the bytes of rows of numbers.

    The common checks pass matrices of numbers alone, and would skip a FaceCropper. That the number
    of columns is checked is due to this class; everything else is FaceCropper's.
    """

    def _list_images(self, X: Any, *, reset: bool) -> list[Any]:
        X = validate_data(self, X, reset=reset, dtype=np.float64)
        return [Image.fromarray(np.frombuffer(row.tobytes(), np.uint8)[None]) for row in X]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags


PARAMS: dict[str, Any] = {"size": (2, 3), "detector": FindsNothing(), "on_no_face": "whole"}
AS_ROWS = [CropperOfNumbers(**PARAMS, as_rows=True)]
# scikit-learn has these for its own transformers, and leaves them out of the common checks.
MORE_CHECKS = [
    estimator_checks.check_dataframe_column_names_consistency,
    estimator_checks.check_get_feature_names_out_error,
    estimator_checks.check_global_output_transform_pandas,
    estimator_checks.check_inplace_ensure_writeable,
    estimator_checks.check_param_validation,
    estimator_checks.check_set_output_transform,
    estimator_checks.check_set_output_transform_pandas,
    estimator_checks.check_transformer_get_feature_names_out,
    estimator_checks.check_transformer_get_feature_names_out_pandas,
]


@parametrize_with_checks([*AS_ROWS, CropperOfNumbers(**PARAMS)])
def test_common_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("check", MORE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("estimator", AS_ROWS, ids=str)
# The checks of set_output fit on a DataFrame and transform an array on purpose, or the reverse.
@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names:UserWarning")
def test_more_checks(estimator: Any, check: Any) -> None:
    check(type(estimator).__name__, estimator)


def test_no_tag_makes_the_common_checks_skip_themselves() -> None:
    assert len(list(estimator_checks.estimator_checks_generator(AS_ROWS[0]))) >= 45
