"""The statistics of batch normalization, computed anew over the images."""

from __future__ import annotations

import keras
import numpy as np
from numpy.testing import assert_allclose

from ferclassifier._keras.statistics import images_for_statistics, recompute_statistics
from ferclassifier.architectures._batch_normalization import BatchNormalization


def test_recomputed_statistics_are_the_mean_over_the_images() -> None:
    """Of batches that differ in size and scale, and without the dropout before."""
    rng = np.random.default_rng(0)
    sizes = (32, 32, 8)
    pixels = [rng.normal(i, 1 + i, (n, 4, 4, 2)).astype("float32") for i, n in enumerate(sizes)]
    inputs = keras.Input((4, 4, 2))
    dropout, layer = keras.layers.Dropout(0.5), BatchNormalization(momentum=0.8)
    model = keras.Model(inputs, layer(dropout(inputs)))
    recompute_statistics(model, [(batch,) for batch in pixels])  # type: ignore[arg-type]
    for statistic, of in ((layer.moving_mean, np.mean), (layer.moving_variance, np.var)):
        values = [of(batch, axis=(0, 1, 2)) for batch in pixels]
        expected = np.average(values, axis=0, weights=sizes)
        assert_allclose(np.asarray(statistic), expected, rtol=5e-3)
    assert (layer.momentum, dropout.rate) == (0.8, 0.5)


def test_short_fits_take_few_images() -> None:
    """A twentieth of what they trained on, and never fewer than can be trusted."""
    assert [images_for_statistics(n) for n in (100, 10_240, 40_960)] == [512, 512, 2048]


def test_no_batch_is_read_that_is_not_needed() -> None:
    """Whole batches, until the images are enough."""
    inputs = keras.Input((2, 2, 1))
    layer = BatchNormalization()
    model = keras.Model(inputs, layer(inputs))
    batches = [(np.full((32, 2, 2, 1), value, "float32"),) for value in (1.0, 3.0, 100.0)]
    recompute_statistics(model, batches, 33)  # type: ignore[arg-type]
    assert_allclose(np.asarray(layer.moving_mean), 2.0, rtol=1e-6)
