"""The transformers of image arrays, and scikit-learn's checks of all transformers."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

import pixel_scales
from ferclassifier import HistogramEqualizer, ImageReader, ImageResizer, PixelScaler, make_faces
from ferclassifier.exceptions import ImageError, PixelScaleError, PixelScaleWarning
from ferclassifier.images import _arrays, read_image
from helpers import patterns, tiny_classifier


class ReaderOfNumbers(ImageReader):
    """Reads images that are made of the bytes of rows of numbers.

    The common checks pass matrices of numbers alone, and would skip an ImageReader. That the
    number of columns is checked is due to this class; everything else is ImageReader's.
    """

    def _list_images(self, X: Any, *, reset: bool) -> list[Any]:
        X = validate_data(self, X, reset=reset, dtype=np.float64)
        return [Image.fromarray(np.frombuffer(row.tobytes(), np.uint8)[None]) for row in X]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags


@pytest.mark.parametrize("container", [list, pd.Series])
@pytest.mark.parametrize("transformer", [ImageResizer(), PixelScaler(), HistogramEqualizer()])
def test_what_is_to_be_decoded_needs_a_reader(transformer: Any, container: Any) -> None:
    """NumPy made pixels of PIL images, whatever the numbers in them mean."""
    images = container([Image.new("P", (4, 4))] * 2)
    for call in (transformer.fit, clone(transformer).fit(np.zeros((2, 4, 4))).transform):
        with pytest.raises(ImageError, match=r"takes arrays.*make_pipeline\(ImageReader\(\)"):
            call(images)


@pytest.mark.parametrize("container", [list, tuple, pd.Series])
def test_arrays_in_a_container_are_a_batch(container: Any) -> None:
    X = patterns(6)[0]
    new = ImageResizer((4, 4)).fit_transform(container(list(X)))
    assert_array_equal(new, ImageResizer((4, 4)).fit_transform(X))


RESIZERS = [
    ImageResizer((4, 5), resample=resample)
    for resample in ("lanczos", "bicubic", "bilinear", "box", "nearest")
]
SCALERS = [PixelScaler(method) for method in ("unit", "standard", "per_image")]
EQUALIZERS = [HistogramEqualizer(), HistogramEqualizer("clahe", tile_grid=(2, 2))]
TRANSFORMERS = [*RESIZERS, *SCALERS, *EQUALIZERS]
CHECKED = [
    *TRANSFORMERS,
    ReaderOfNumbers((2, 3), as_rows=True),
    ReaderOfNumbers((2, 3), as_rows=True, channels=3, on_error="blank"),
]

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


@parametrize_with_checks([*CHECKED, ReaderOfNumbers((2, 3))])
def test_common_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("check", MORE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("estimator", CHECKED, ids=str)
# The checks of set_output fit on a DataFrame and transform an array on purpose, or the reverse.
@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names:UserWarning")
def test_more_checks(estimator: Any, check: Any) -> None:
    check(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", CHECKED, ids=str)
def test_no_tag_makes_the_common_checks_skip_themselves(estimator: Any) -> None:
    assert len(list(estimator_checks.estimator_checks_generator(estimator))) >= 44


@st.composite
def batches(draw: Any, channels: tuple[int, ...] = (1, 3)) -> Any:
    """Images with channels: bytes, unit floats or standardised floats."""
    sizes = st.integers(1, 9)
    shape = (draw(st.integers(1, 4)), draw(sizes), draw(sizes), draw(st.sampled_from(channels)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["bytes", "unit", "raw"]))
    if kind == "bytes":
        return rng.integers(0, 256, shape, dtype=np.uint8)
    return rng.random(shape, dtype=np.float32) if kind == "unit" else rng.normal(size=shape)


@given(batches(), st.sampled_from(TRANSFORMERS))
@settings(deadline=None)
def test_every_form_gives_the_same_pixels_in_the_form_given(X: Any, transformer: Any) -> None:
    expected = clone(transformer).fit_transform(X)
    assert (len(X), expected.ndim, expected.shape[3]) == (len(X), 4, X.shape[3])
    on_rows = clone(transformer).set_params(image_shape=X.shape[1:])
    rows = on_rows.fit_transform(X.reshape(len(X), -1))
    assert_array_equal(rows, expected.reshape(len(X), -1))
    assert rows.dtype == expected.dtype
    if X.shape[3] == 1:
        images = clone(transformer).fit_transform(X[..., 0])
        assert_array_equal(images, expected[..., 0])
        assert images.dtype == expected.dtype


@given(batches(), st.sampled_from(TRANSFORMERS))
@settings(deadline=None)
def test_dtype_and_range(X: Any, transformer: Any) -> None:
    fitted = clone(transformer).fit(X)
    new = fitted.transform(X)
    keeps_bytes = X.dtype == np.uint8 and not isinstance(transformer, PixelScaler)
    assert new.dtype == (np.uint8 if keeps_bytes else np.float32)
    assert np.isfinite(new).all()
    standardises = getattr(transformer, "method", None) in ("standard", "per_image")
    if X.dtype == np.float32 and not standardises:  # unit floats
        assert new.min() >= 0
        assert new.max() <= 1
    if isinstance(transformer, HistogramEqualizer):
        low, high = fitted.pixel_scale_.ends
        assert new.min() >= low - 1e-6
        assert new.max() <= high + 1e-6


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_nested_lists_are_images(transformer: Any) -> None:
    X, _ = make_faces(2, random_state=0)
    fitted = clone(transformer).fit(X.tolist())
    assert fitted.n_features_in_ == 48 * 48
    assert_allclose(fitted.transform(X.tolist()), fitted.transform(X), atol=1e-6)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_a_memmap_gives_what_an_array_gives_and_its_pages_back(
    tmp_path: Any, transformer: Any, monkeypatch: Any
) -> None:
    X, _ = make_faces(30, random_state=0)
    written = np.memmap(tmp_path / "X", dtype=np.uint8, mode="w+", shape=X.shape)
    written[:] = X
    written.flush()
    expected = clone(transformer).fit_transform(X)
    released: list[Any] = []
    give_back = _arrays.release_pages

    def release_pages(images: Any) -> None:
        released.append(images)
        give_back(images)

    monkeypatch.setattr(_arrays, "release_pages", release_pages)
    monkeypatch.setattr(_arrays, "_PIXELS_PER_PART", 3 * 48 * 48)
    monkeypatch.setattr(_arrays, "BYTES_BETWEEN_RELEASES", 5 * 48 * 48)
    mapped = np.memmap(tmp_path / "X", dtype=np.uint8, mode="r", shape=X.shape)
    fitted = clone(transformer).fit(mapped)
    released.clear()
    assert_allclose(fitted.transform(mapped), expected, atol=1e-6)
    assert len(released) == 5  # 10 parts of 3 images
    assert all(np.shares_memory(images, mapped) for images in released)


@pytest.mark.parametrize("transformer", [*SCALERS, *EQUALIZERS], ids=str)
def test_memory_is_that_of_the_result(transformer: Any) -> None:
    X = np.tile(make_faces(200, random_state=0)[0], (10, 1, 1))
    tracemalloc.start()
    try:
        new = clone(transformer).fit_transform(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < new.nbytes + 12e6  # a float64 copy of the data is 37 MB


@pytest.mark.parametrize("transformer", [*SCALERS, *EQUALIZERS], ids=str)
def test_another_scale_than_that_of_fit_is_refused(transformer: Any) -> None:
    X, _ = make_faces(5, random_state=0)
    fitted = clone(transformer).fit(X)
    with pytest.raises(PixelScaleError, match=r"Got unit floats .* fitted on bytes in \[0, 255\]"):
        fitted.transform(X / 255)
    assert_allclose(fitted.transform(X.astype(float)), fitted.transform(X), atol=1e-6)
    with pytest.raises(PixelScaleError, match=r"Got bytes .* fitted on unit floats in \[0, 1\]"):
        clone(transformer).fit(X / 255).transform(X)


@pytest.mark.parametrize("transformer", [*SCALERS, *EQUALIZERS], ids=str)
@pytest.mark.parametrize("fitted_on", pixel_scales.SCALES)
def test_every_pair_of_scales_in_a_pipeline(transformer: Any, fitted_on: str) -> None:
    """A Pipeline scaled what came by the scale of another, and answered by chance."""
    X, y = patterns(seed=1)
    rows = {name: scaled(X).reshape(60, -1) for name, scaled in pixel_scales.SCALES.items()}
    model = make_pipeline(clone(transformer), LogisticRegression(max_iter=1000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PixelScaleWarning)  # of what was divided twice
        model.fit(pixel_scales.SCALES[fitted_on](pixel_scales.X).reshape(60, -1), pixel_scales.Y)
    scores = {}
    for name in rows:
        expected = pixel_scales.expected(fitted_on, name)
        assert pixel_scales.outcome(lambda name=name: model.predict(rows[name])) == expected
        if expected == "same answer":
            scores[name] = model.score(rows[name], y)
    if fitted_on != "twice divided":
        assert min(scores.values()) > 0.8


@pytest.mark.parametrize("transformer", [*SCALERS, *EQUALIZERS], ids=str)
def test_float_copies_of_bytes_are_bytes(transformer: Any) -> None:
    """Their smallest and largest value were taken for black and white."""
    X = np.clip(patterns(20)[0], 40, 150)
    expected = clone(transformer).fit_transform(X)
    given = pd.DataFrame(X.reshape(20, -1), dtype=np.float64)
    assert_allclose(clone(transformer).fit_transform(given), expected.reshape(20, -1), atol=1e-5)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_images_and_rows_of_another_size(transformer: Any) -> None:
    fitted = clone(transformer).fit(np.zeros((2, 6, 6), np.uint8))
    with pytest.raises(ValueError, match=r"X has 25 features, but .* is expecting 36 features"):
        fitted.transform(np.zeros((2, 25), np.uint8))
    with pytest.raises(ImageError, match="Got an array of shape"):
        fitted.transform(np.zeros((2, 6, 6, 1, 1), np.uint8))
    if not isinstance(transformer, ImageResizer):
        with pytest.raises(ImageError, match=r"images of shape \(5, 6, 1\), but .* \(6, 6, 1\)"):
            fitted.transform(np.zeros((2, 5, 6), np.uint8))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_rows_of_colours_are_images(transformer: Any) -> None:
    """They became images of one line, whose channels nobody told apart."""
    X = np.random.default_rng(0).integers(0, 256, (6, 9, 9, 3), dtype=np.uint8)
    expected = clone(transformer).fit_transform(X)
    rows = X.reshape(6, -1)
    assert_array_equal(clone(transformer).fit_transform(rows), expected.reshape(6, -1))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_rows_that_make_no_square_ask_for_their_shape(transformer: Any) -> None:
    """They became images of one line: an equaliser had its tiles in it, a resizer made noise."""
    X = np.random.default_rng(0).integers(0, 256, (6, 8, 10), dtype=np.uint8)
    rows = X.reshape(6, -1)
    for method in ("fit", "fit_transform"):
        with pytest.raises(ImageError, match=r"rows of 80 pixels.*image_shape=\(height, width\)"):
            getattr(clone(transformer), method)(rows)
    new = clone(transformer).set_params(image_shape=(8, 10)).fit_transform(rows)
    assert_array_equal(new, clone(transformer).fit_transform(X).reshape(6, -1))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_a_table_cannot_hold_images(transformer: Any) -> None:
    X = np.zeros((2, 6, 6), np.uint8)
    asks_for_tables = clone(transformer).set_output(transform="pandas").fit(X)
    with pytest.raises(ImageError, match=r"expected rows.*pandas.*X\.reshape.*'default'"):
        asks_for_tables.transform(X)
    assert isinstance(asks_for_tables.transform(X.reshape(2, -1)), pd.DataFrame)
    with (
        sklearn.config_context(transform_output="pandas"),
        pytest.raises(ImageError, match="Got images"),
    ):
        clone(transformer).fit_transform(X)


def test_names_and_index_of_tables() -> None:
    faces = make_faces(3, random_state=0)[0].reshape(3, -1)
    table = pd.DataFrame(faces, index=["a", "b", "c"]).add_prefix("p")
    even = HistogramEqualizer().set_output(transform="pandas").fit_transform(table)
    assert even.columns.tolist() == table.columns.tolist()
    small = ImageResizer((2, 3)).set_output(transform="pandas").fit_transform(table)
    assert small.index.tolist() == ["a", "b", "c"]
    assert small.columns.tolist() == [
        f"pixel_{row}_{column}" for row in (0, 1) for column in range(3)
    ]
    coloured = ImageResizer((1, 1), image_shape=(16, 48, 3)).fit(faces)
    assert coloured.get_feature_names_out().tolist() == [
        "pixel_0_0_0",
        "pixel_0_0_1",
        "pixel_0_0_2",
    ]


def test_a_pipeline_takes_images_of_any_size() -> None:
    X, y = patterns(60)
    model = make_pipeline(
        ImageResizer((12, 12)), PixelScaler("standard"), tiny_classifier(epochs=30)
    )
    model.fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.score(X.repeat(2, axis=1).repeat(2, axis=2), y) > 0.9
    assert model.score(X.reshape(60, -1), y) > 0.9
    assert model[-1].pixel_scale_.kind == "raw"


@pytest.mark.parametrize("scaler", [StandardScaler(), PixelScaler("standard")], ids=str)
def test_one_scaler_takes_another_ones_place_on_rows(scaler: Any) -> None:
    X, y = patterns(60)
    rows = X.reshape(60, -1)
    model = make_pipeline(clone(scaler), tiny_classifier(epochs=30)).fit(rows, y)
    assert model.score(rows, y) > 0.9


def test_columns_of_a_table() -> None:
    X, _ = make_faces(5, random_state=0)
    table = pd.DataFrame(X.reshape(5, -1)).add_prefix("p").assign(age=range(5))
    columns = make_column_transformer(
        (PixelScaler(), [c for c in table if c != "age"]), remainder="passthrough"
    )
    new = columns.fit_transform(table)
    assert_allclose(new[:, :-1], X.reshape(5, -1) / 255, rtol=1e-6)
    assert_array_equal(new[:, -1], range(5))


# ImageResizer


@pytest.mark.parametrize("size", [(24, 24), (31, 40), (96, 50), (1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_resized_bytes_are_those_of_read_image(size: tuple[int, int], channels: int) -> None:
    shape = (3, 48, 40) if channels == 1 else (3, 48, 40, 3)
    X = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    expected = [read_image(Image.fromarray(x), size=size, channels=channels) for x in X]
    assert_array_equal(ImageResizer(size).transform(X), expected)
    assert_array_equal(ImageResizer(size).transform(X.astype(np.int64)), expected)


@given(batches())
@settings(deadline=None)
def test_the_own_size_changes_nothing(X: Any) -> None:
    new = ImageResizer(X.shape[1:3]).transform(X)
    assert_allclose(new, X, rtol=1e-6)


@pytest.mark.parametrize("transformer", RESIZERS, ids=str)
def test_floats_give_the_image_of_bytes(transformer: Any) -> None:
    X = np.random.default_rng(0).integers(96, 160, (5, 20, 30), dtype=np.uint8)
    resizer = clone(transformer).set_params(size=(14, 33))
    as_bytes = resizer.transform(X)
    assert_allclose(resizer.transform(X.astype(float)), as_bytes, atol=1.3)
    assert_allclose(resizer.transform(X / 255) * 255, as_bytes, atol=1.3)


def test_overshoot_is_cut_off_at_the_ends_of_the_scale() -> None:
    bars = np.zeros((1, 8, 8))
    bars[:, :, 4:] = 1
    resizer = ImageResizer((16, 16))
    for low, high, ends in [
        (0, 1, (0, 1)),
        (0, 255, (0, 255)),
        (0, 300, (0, 300)),
        (-2, 3, (-2, 3)),
    ]:
        new = resizer.transform(low + bars * (high - low))
        assert (new.min(), new.max()) == ends
    # a gray image has room for it
    new = resizer.transform(0.4 + bars * 0.2)
    assert new.min() < 0.4
    assert new.max() > 0.6


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
@pytest.mark.parametrize("transformer", RESIZERS, ids=str)
def test_an_image_of_integers_does_not_depend_on_its_neighbours(
    transformer: Any, dtype: str
) -> None:
    """A batch with a pixel beyond 255 became float32 as a whole, and the next one uint8."""
    rng, info = np.random.default_rng(0), np.iinfo(dtype)
    low, high = max(info.min, -1000), min(info.max, 60_000)
    ends = [(0, min(255, high)), (low, high), (0, min(1, high)), (0, 7)]
    X = np.stack([rng.integers(*ends, (9, 9, 1), dtype, endpoint=True) for ends in ends])
    resizer = clone(transformer).set_params(size=(7, 12))
    together, alone = resizer.transform(X), [resizer.transform(x[None])[0] for x in X]
    assert {together.dtype, *(new.dtype for new in alone)} == {np.dtype(dtype)}
    assert_array_equal(together, alone)
    assert together.min() >= low
    assert together.max() <= high
    if low < 0 or high > 255:
        assert_array_equal(together[1], np.rint(resizer.transform(X.astype(float))[1]))
    assert_array_equal(together[3], resizer.transform(X.astype(np.uint8))[3])


def test_integers_beyond_bytes_stay_integers() -> None:
    X = np.full((2, 4, 4), 60000, np.uint16)
    X[1] = 7
    new = ImageResizer((2, 2)).transform(X)
    assert new.dtype == np.uint16
    assert_array_equal(new[:, 0, 0], [60000, 7])


def test_nearest_repeats_pixels() -> None:
    X = np.random.default_rng(0).random((2, 5, 6), dtype=np.float32)
    new = ImageResizer((10, 12), resample="nearest").fit_transform(X)
    assert_array_equal(new, X.repeat(2, axis=1).repeat(2, axis=2))


def test_a_resizer_takes_any_size_but_not_any_number_of_channels() -> None:
    resizer = ImageResizer((4, 4)).fit(np.zeros((2, 6, 6), np.uint8))
    assert resizer.transform(np.zeros((2, 9, 5), np.uint8)).shape == (2, 4, 4)
    with pytest.raises(ImageError, match=r"Got images with 3 channels, but .* fitted on .* 1"):
        resizer.transform(np.zeros((2, 6, 6, 3), np.uint8))


@pytest.mark.parametrize("size", [(0, 4), (4,), (4, 4, 3), (4.0, 4)])
def test_sizes_that_are_none(size: Any) -> None:
    X = np.zeros((2, 6, 6), np.uint8)
    with pytest.raises(ValueError, match=r"Got size=.*expected \(height, width\)"):
        ImageResizer(size).fit(X)
    with pytest.raises(ValueError, match=r"Got size=.*expected \(height, width\)"):
        ImageResizer(size).transform(X)


def test_a_stateless_transformer_checks_its_parameters_without_fit() -> None:
    with pytest.raises(
        ValueError, match="'resample' parameter of ImageResizer must be a str among"
    ):
        ImageResizer(resample="cubic").transform(np.zeros((2, 6, 6), np.uint8))


# PixelScaler


def test_unit() -> None:
    ends = np.array([[0, 51, 102, 255]], np.uint8)
    assert_allclose(PixelScaler().fit_transform(ends), [[0, 0.2, 0.4, 1]], rtol=1e-6)
    assert_allclose(PixelScaler().fit_transform(ends / 255), [[0, 0.2, 0.4, 1]], rtol=1e-6)
    raw = PixelScaler().fit(np.array([[-2.0, 0, 1, 2]]))
    assert_allclose(raw.transform(np.array([[-2.0, 2, 3, 0]])), [[0, 1, 1.25, 0.5]])
    assert_array_equal(PixelScaler().fit_transform(np.full((2, 4), 7.5)), np.zeros((2, 4)))


@given(batches(), st.integers(1, 200))
@settings(deadline=None)
def test_standard_has_the_statistics_of_each_channel(X: Any, pixels_per_part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_arrays, "_PIXELS_PER_PART", pixels_per_part)
        scaler = PixelScaler("standard").fit(X)
    pixels = X.reshape(-1, X.shape[3]).astype(np.float64)
    assert_allclose(scaler.mean_, pixels.mean(axis=0), rtol=1e-12, atol=1e-12)
    deviation = pixels.std(axis=0)
    assert_allclose(scaler.scale_, np.where(deviation > 0, deviation, 1), rtol=1e-9)
    expected = StandardScaler().fit_transform(pixels).reshape(X.shape)
    assert_allclose(scaler.transform(X), expected, rtol=1e-5, atol=1e-6)


def test_standard_far_from_zero_and_of_a_constant() -> None:
    noise = np.random.default_rng(0).normal(size=(50, 4, 4))
    scaler = PixelScaler("standard").fit(noise + 1e8)
    assert_allclose(scaler.scale_, noise.std(), rtol=1e-6)
    assert_array_equal(PixelScaler("standard").fit_transform(np.full((9, 3, 3), 0.1)), 0)


def test_the_other_methods_learn_no_statistics() -> None:
    for method in ("unit", "per_image"):
        scaler = PixelScaler(method).fit(np.zeros((2, 4), np.uint8))
        assert (scaler.mean_, scaler.scale_) == (None, None)


@given(batches())
@settings(deadline=None)
def test_per_image_gives_each_image_the_same_mean_and_deviation(X: Any) -> None:
    new = PixelScaler("per_image").fit_transform(X).reshape(len(X), -1).astype(np.float64)
    assert_allclose(new.mean(axis=1), 0, atol=1e-5)
    is_constant = np.ptp(X.reshape(len(X), -1), axis=1) == 0
    assert_allclose(new.std(axis=1), np.where(is_constant, 0, 1), atol=1e-5)


def test_per_image_knows_no_contrast_and_no_brightness() -> None:
    X = np.random.default_rng(0).normal(size=(4, 6, 6))
    scaler = PixelScaler("per_image")
    contrast = np.array([0.1, 1, 7, 50])[:, None, None]
    new = scaler.fit_transform(X * contrast + contrast)
    assert_allclose(new, scaler.fit_transform(X), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_no_contrast(dtype: Any) -> None:
    X = np.full((3, 6, 6), 0.1, dtype)
    X[1, ::2] = np.nextafter(dtype(0.1), dtype(1))
    X[2, 0, 0] = 0.2
    new = PixelScaler("per_image").fit_transform(X)
    assert_array_equal(new[:2], 0)
    assert new[2, 0, 0] > 5


# HistogramEqualizer


def slow_global(image: Any) -> Any:
    """Histogram equalisation by its definition, one pixel after the other."""
    darkest = (image == image.min()).sum()
    if darkest == image.size:
        return image
    new = [255 * ((image <= p).sum() - darkest) / (image.size - darkest) for p in image.ravel()]
    return np.reshape(new, image.shape)


def slow_clahe(image: Any, clip_limit: float, tile_grid: tuple[int, int]) -> Any:
    """CLAHE by its definition, one pixel after the other."""
    if image.min() == image.max():
        return image
    cuts = []
    for size, n_tiles in zip(image.shape, tile_grid, strict=True):
        tile = np.arange(size) * min(size, n_tiles) // size
        cuts.append([np.flatnonzero(tile == i) for i in range(min(size, n_tiles))])

    def level_in_tile(row: int, column: int, level: int) -> float:
        pixels = image[np.ix_(cuts[0][row], cuts[1][column])]
        counts = np.bincount(pixels.ravel(), minlength=256).astype(float)
        limit = clip_limit * pixels.size / 256
        counts = np.minimum(counts, limit) + np.maximum(counts - limit, 0).sum() / 256
        return 255 * float(counts[: level + 1].sum()) / pixels.size

    def neighbours(axis: int, pixel: int) -> Any:
        centres = [float(cut.mean()) for cut in cuts[axis]]
        if pixel <= centres[0]:
            return [(0, 1.0)]
        if pixel >= centres[-1]:
            return [(len(centres) - 1, 1.0)]
        after = next(i for i, centre in enumerate(centres) if centre > pixel)
        share = (pixel - centres[after - 1]) / (centres[after] - centres[after - 1])
        return [(after - 1, 1 - share), (after, share)]

    new = np.zeros(image.shape)
    for (y, x), level in np.ndenumerate(image):
        for row, weight in neighbours(0, y):
            for column, other in neighbours(1, x):
                new[y, x] += weight * other * level_in_tile(row, column, level)
    return new


def gray_images(n: int = 3, height: int = 12, width: int = 12, seed: int = 0) -> Any:
    """Few levels in a corner of the scale: what equalisation is for."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(90, 20, (n, height, width)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (5, 9), (16, 16), (40, 40)])
def test_global_equalisation_by_its_definition(height: int, width: int) -> None:
    X = gray_images(3, height, width)
    new = HistogramEqualizer().fit_transform(X)
    assert_allclose(new, [slow_global(image) for image in X], atol=0.5)


@pytest.mark.parametrize("tile_grid", [(1, 1), (2, 3), (4, 4), (30, 1)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (5, 9), (12, 12)])
@pytest.mark.parametrize("clip_limit", [1, 2.5, 1000])
def test_clahe_by_its_definition(
    height: int, width: int, tile_grid: tuple[int, int], clip_limit: float
) -> None:
    X = gray_images(2, height, width)
    equalizer = HistogramEqualizer("clahe", clip_limit=clip_limit, tile_grid=tile_grid)
    expected = [slow_clahe(image, clip_limit, tile_grid) for image in X]
    assert_allclose(equalizer.fit_transform(X), expected, atol=0.501)


@given(batches(channels=(1,)), st.sampled_from(EQUALIZERS))
@settings(deadline=None)
def test_images_of_one_level_stay_as_they_are(X: Any, equalizer: Any) -> None:
    X[0] = X[0, 0, 0]
    fitted = clone(equalizer).fit(X)
    low, high = fitted.pixel_scale_.ends
    level = 0 if X.dtype == np.uint8 else (high - low) / 255
    assert_allclose(fitted.transform(X)[0], X[0], atol=level / 2 + 1e-6)


@given(batches(channels=(1,)))
@settings(deadline=None)
def test_global_equalisation_keeps_order_and_does_nothing_twice(X: Any) -> None:
    once = HistogramEqualizer().fit_transform(X)
    for old, new in zip(X.reshape(len(X), -1), once.reshape(len(X), -1), strict=True):
        assert (np.diff(new[np.argsort(old)]) >= 0).all()
    # Where no level holds less than 1/510 of the pixels, no two levels merge.
    if X.dtype == np.uint8:
        assert_array_equal(HistogramEqualizer().fit_transform(once), once)


def test_global_equalisation_fills_the_scale() -> None:
    new = HistogramEqualizer().fit_transform(gray_images(3, 48, 48))
    assert_array_equal(new.min(axis=(1, 2)), 0)
    assert_array_equal(new.max(axis=(1, 2)), 255)
    assert_allclose(new.mean(axis=(1, 2)), 127.5, atol=5)


@given(st.floats(1, 20), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_clip_limit_bounds_the_contrast(clip_limit: float, seed: int) -> None:
    old = gray_images(1, seed=seed)
    new = HistogramEqualizer("clahe", clip_limit=clip_limit, tile_grid=(1, 1)).fit_transform(old)
    order = np.argsort(old, axis=None)
    rise = np.diff(new.ravel()[order].astype(float))
    assert (rise <= (clip_limit + 1) * np.diff(old.ravel()[order].astype(float)) + 1).all()


def test_clahe_evens_out_light_from_one_side() -> None:
    X = gray_images(4, 48, 48)
    light = np.linspace(0, 120, 48).astype(np.uint8)
    new = HistogramEqualizer("clahe", clip_limit=4).fit_transform(X + light)
    left, right = new[..., :16].mean(), new[..., 32:].mean()
    assert right - left < 0.5 * (light[32:].mean() - light[:16].mean())


@pytest.mark.parametrize("method", ["global", "clahe"])
@pytest.mark.parametrize("axis", [1, 2])
def test_a_mirror_image_is_treated_alike(method: str, axis: int) -> None:
    X = gray_images()
    equalizer = HistogramEqualizer(method)
    mirrored = np.flip(equalizer.fit_transform(np.flip(X, axis)), axis)
    assert_allclose(mirrored, equalizer.fit_transform(X), atol=1)


@pytest.mark.parametrize("equalizer", EQUALIZERS, ids=str)
def test_gray_in_three_channels_is_gray(equalizer: Any) -> None:
    X = gray_images()
    coloured = np.repeat(X[..., None], 3, axis=3)
    expected = np.repeat(equalizer.fit_transform(X)[..., None], 3, axis=3)
    assert_array_equal(equalizer.fit_transform(coloured), expected)


def test_colours_move_with_the_luma() -> None:
    X = np.stack([gray_images() // 2, gray_images(seed=1), gray_images(seed=2) // 3], axis=3)
    gray = np.stack([np.asarray(Image.fromarray(x).convert("L")) for x in X])
    change = HistogramEqualizer().fit_transform(gray).astype(int) - gray
    expected = np.clip(X + change[..., None], 0, 255)
    assert_array_equal(HistogramEqualizer().fit_transform(X), expected)


@pytest.mark.parametrize("equalizer", EQUALIZERS, ids=str)
def test_floats_have_the_levels_of_bytes(equalizer: Any) -> None:
    X = gray_images()
    expected = clone(equalizer).fit_transform(X)
    assert_allclose(clone(equalizer).fit_transform(X / 255) * 255, expected, atol=1e-4)
    X[0, 0, :2] = 0, 255
    expected = clone(equalizer).fit_transform(X)
    assert_allclose(clone(equalizer).fit_transform(X - 300.0) + 300, expected, atol=1e-4)


def test_values_beyond_those_of_fit_are_cut_off() -> None:
    equalizer = HistogramEqualizer().fit(np.array([[-1.0, 0, 1, 2]]))
    assert_allclose(equalizer.transform(np.array([[-9.0, 0, 1, 9]])), [[-1, 0, 1, 2]], atol=1e-6)


@pytest.mark.parametrize("tile_grid", [(4,), (0, 4), (4.0, 4), (4, 4, 4)])
def test_tile_grids_that_are_none(tile_grid: Any) -> None:
    with pytest.raises(ValueError, match=r"Got tile_grid=.*expected \(rows, columns\)"):
        HistogramEqualizer("clahe", tile_grid=tile_grid).fit(gray_images())
