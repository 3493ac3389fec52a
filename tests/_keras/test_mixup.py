"""Mixed images: what they are made of, and how a fit uses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helpers import tiny_classifier


class TestMixup:
    def test_pixels_and_targets_share_a_proportion(self) -> None:
        from ferclassifier._keras.mixup import mix

        images = np.arange(8, dtype=np.float32).reshape(8, 1, 1, 1)
        targets = np.eye(8, dtype=np.float32)
        mixed, shares, _ = mix(images, targets, None, 0.4, np.random.default_rng(0))
        assert np.allclose(mixed.ravel(), shares @ images.ravel(), atol=1e-5)
        assert np.allclose(shares.sum(axis=1), 1)
        assert (shares.argmax(axis=1) == np.arange(8)).all()
        assert (shares.max(axis=1) < 1).any()

    def test_a_pair_counts_as_its_images_would(self) -> None:
        from ferclassifier._keras.mixup import mix

        targets = np.eye(6, dtype=np.float32)
        weights = np.array([0, 1, 2, 3, 4, 5], dtype=np.float32) + 0.5
        images = np.zeros((6, 1, 1, 1), dtype=np.float32)
        _, plain, _ = mix(images, targets, None, 1.0, np.random.default_rng(3))
        _, shares, total = mix(images, targets, weights, 1.0, np.random.default_rng(3))
        assert total is not None
        assert np.allclose(shares * total[:, None], plain * weights[None, :], atol=1e-5)

    def test_images_of_a_class_without_weight_are_left_out(self, pattern_images: Any) -> None:
        """Two of them, mixed, would have a target of 0 / 0."""
        X, y = pattern_images
        clf = tiny_classifier(mixup=1.0, epochs=1, class_weight={0: 0, 1: 1.0, 2: 2.0}).fit(X, y)
        assert np.isfinite(clf.history_["loss"]).all()
        assert np.isfinite(clf.predict_proba(X)).all()
        with pytest.raises(ValueError, match="class_weight of zero for every image"):
            clf.set_params(class_weight=dict.fromkeys(range(3), 0.0)).fit(X, y)

    def test_the_last_epochs_go_without(self) -> None:
        from ferclassifier._keras.batches import Batches

        images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
        batches = Batches(
            images, np.arange(10) % 2, 2, 5, seed=0, as_bytes=True, mixup=1.0, mixed_epochs=1
        )
        whole = []
        for _ in range(2):
            batches.on_epoch_begin()
            values = np.concatenate([batches[i][0].ravel() for i in range(2)])
            assert values.dtype == np.float32
            whole.append(bool(np.isin(values, np.arange(10)).all()))
        assert whole == [False, True]

    def test_a_fit_with_mixing_differs_and_is_reproducible(self, pattern_images: Any) -> None:
        X, y = pattern_images
        plain, *mixed = (
            tiny_classifier(mixup=mixup, random_state=0).fit(X, y).predict_proba(X)
            for mixup in (0, 0.5, 0.5)
        )
        assert (mixed[0] == mixed[1]).all()
        assert (plain != mixed[0]).any()
