"""The statistics of batch normalization, computed anew over the images."""

from __future__ import annotations

import keras
import numpy as np
from numpy.testing import assert_allclose

from ferclassifier._keras.statistics import recompute_statistics
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
