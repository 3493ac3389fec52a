"""An audit finds what was put into the images, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from ferclassifier import EMOTIONS, make_faces
from ferclassifier.audit import _audited, _near_duplicates, audit_images
from ferclassifier.audit._audited import check_audited
from ferclassifier.audit._likeness import RepeatedImages
from ferclassifier.audit._repeated_images import find_repeated
from ferclassifier.exceptions import DataError, ImageError, SingleImageError
from ferclassifier.images._displayable import luma
from helpers import SHARED, faces_and_codes, needs_fer2013, patterns
from pil_images import in_all_forms

GROUPS = np.repeat(["train", "test"], [90, 30])


@pytest.fixture(scope="module")
def faces() -> Any:
    return faces_and_codes(120, n_classes=3, random_state=0)


def spoiled(faces: Any) -> Any:
    """Faces with known faults: copies 0 = 1 = 2 and 5 = 100, 7 is nearly 101; 10 is constant."""
    X, y = faces[0].copy(), faces[1].copy()
    X[1] = X[2] = X[0]
    y[:3] = 0
    X[100], y[100] = X[5], y[5]
    X[101], y[101] = np.minimum(X[7] * 1.05 + 2, 255).astype(np.uint8), y[7]
    X[10] = 77
    return X, y


@pytest.mark.parametrize("container", [list, tuple, pd.Series])
def test_images_to_be_decoded_are_audited_as_their_pixels(faces: Any, container: Any) -> None:
    """NumPy made pixels of PIL images, or refused them in a Series."""
    X, y = spoiled(faces)
    expected = audit_images(X, y, groups=GROUPS)
    audit = audit_images(container(in_all_forms(X)), y, groups=GROUPS)
    assert audit.to_dict() == expected.to_dict()
    assert audit["exact-duplicates"].indices.tolist() == [0, 1, 2]


def test_arrays_in_a_series_are_audited(faces: Any) -> None:
    X, y = spoiled(faces)
    audit = audit_images(pd.Series(list(X)), y)
    assert audit.to_dict() == audit_images(X, y).to_dict()


def test_one_image_is_no_data_set(faces: Any) -> None:
    for image in ("face.png", Image.fromarray(faces[0][0])):
        with pytest.raises(SingleImageError, match="into a list"):
            audit_images(image)


class TestRepeatedImages:
    def test_copies_within_a_group_share_a_weight(self, faces: Any) -> None:
        X, y = spoiled(faces)
        audit = audit_images(X, y, groups=GROUPS)
        finding = audit["exact-duplicates"]
        np.testing.assert_array_equal(finding.indices, [0, 1, 2])
        assert [group.tolist() for group in finding.groups] == [[0, 1, 2]]
        np.testing.assert_array_equal(finding.scores, 3)
        np.testing.assert_allclose(audit.sample_weight[:3], 1 / 3)
        assert audit.keep[:3].tolist() == [True, False, False]
        assert "1 image appears 3 times in train" in finding.explanation

    def test_training_copies_of_test_images_are_left_out(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        assert [group.tolist() for group in audit["across-groups"].groups] == [[5, 100]]
        assert [group.tolist() for group in audit["near-across-groups"].groups] == [[7, 101]]
        assert audit["near-across-groups"].scores.min() > 0.9
        np.testing.assert_array_equal(audit.sample_weight[[5, 7, 100, 101]], [0, 0, 1, 1])
        np.testing.assert_array_equal(audit.keep[[5, 7, 100, 101]], [False, False, True, True])
        for kind in ("across-groups", "near-across-groups"):
            assert (
                "1 image of test also appears in train (1 image there)" in audit[kind].explanation
            )

    def test_one_group_cannot_be_compared(self, faces: Any) -> None:
        audit = audit_images(faces[0], groups=["test"] * len(faces[0]))
        assert audit.skipped["across-groups"] == "there is one group only"
        with pytest.raises(KeyError, match="one group only"):
            audit["across-groups"]

    def test_without_groups_all_is_one(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces))
        groups = audit["exact-duplicates"].groups
        assert [group.tolist() for group in groups] == [[0, 1, 2], [5, 100]]
        np.testing.assert_array_equal(audit["near-duplicates"].indices, [7, 101])
        assert audit.sample_weight[[5, 100]].tolist() == [0.5, 0.5]
        assert audit.sample_weight[[7, 101]].tolist() == [1, 1]
        assert "no groups" in audit.skipped["across-groups"]

    def test_same_image_joins_copies_and_near_duplicates(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces))
        np.testing.assert_array_equal(
            audit.same_image[[0, 1, 2, 5, 100, 7, 101]], [0, 0, 0, 5, 5, 7, 7]
        )
        assert len(np.unique(audit.same_image)) == 120 - 4

    def test_images_of_other_groups_keep_their_weight(self, faces: Any) -> None:
        X, _ = spoiled(faces)
        X[95] = X[96] = X[97]
        X[98] = 0
        audit = audit_images(X, groups=GROUPS)
        assert 95 in audit["exact-duplicates"].indices
        assert 98 in audit["constant"].indices
        assert (audit.sample_weight[90:] == 1).all()
        assert audit.keep[90:].all()

    def test_images_in_two_test_groups_are_told_of(self, faces: Any) -> None:
        X = faces[0].copy()
        X[110] = X[95]
        groups = np.repeat(["train", "public", "private"], [90, 15, 15])
        audit = audit_images(X, groups=groups)
        assert audit["across-groups"].indices.tolist() == [95, 110]
        assert "of public also appears in private" in audit["across-groups"].explanation
        assert (audit.sample_weight == 1).all()

    def test_near_copies_of_exact_copies_are_told_once(self, faces: Any) -> None:
        """Of an image that stands exactly and nearly in training, the near one counts anew."""
        X, _ = spoiled(faces)
        X[6] = X[101]  # 7 ~ 101 = 6
        audit = audit_images(X, groups=GROUPS)
        assert [6, 101] in [group.tolist() for group in audit["across-groups"].groups]
        assert [group.tolist() for group in audit["near-across-groups"].groups] == [[6, 7, 101]]
        assert "0 images of test also appear in train" in audit["near-across-groups"].explanation
        assert audit.sample_weight[[6, 7]].tolist() == [0, 0]

    def test_gray_levels_of_colours_are_computed_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        n_turned_gray: list[int] = []

        def counting(images: Any) -> Any:
            n_turned_gray.append(len(images))
            return luma(images)

        monkeypatch.setattr(_audited, "luma", counting)
        monkeypatch.setattr(_near_duplicates, "luma", counting)
        audit_images(np.repeat(patterns(5)[0][..., np.newaxis], 3, axis=3))
        assert sum(n_turned_gray) == 5

    def test_colours_tell_images_apart(self) -> None:
        gray = patterns(2)[0]
        X = np.repeat(gray[..., np.newaxis], 3, axis=3)
        X = np.concatenate([X, X[:1], X[:1, :, :, ::-1]])
        X[3, 0, 0] = X[0, 0, 0] + np.array([1, 0, 0], dtype=np.uint8)
        audit = audit_images(X)
        assert audit["exact-duplicates"].indices.tolist() == [0, 2]
        assert audit["near-duplicates"].indices.tolist() == [0, 3]


class TestConflictingLabels:
    def test_copies_share_a_weight_and_the_majority_stays(self, faces: Any) -> None:
        X, y = spoiled(faces)
        y[:3] = 1, 2, 2
        audit = audit_images(X, np.array(EMOTIONS)[y], groups=GROUPS)
        assert audit["conflicting-labels"].indices.tolist() == [0, 1, 2]
        np.testing.assert_allclose(audit.sample_weight[:3], 1 / 3)
        assert audit.keep[:3].tolist() == [False, True, False]

    def test_of_a_tie_the_first_stays(self, faces: Any) -> None:
        X, y = spoiled(faces)
        X[2] = 255 - X[2]
        y[:2] = 1, 0
        audit = audit_images(X, y, groups=GROUPS)
        assert audit["conflicting-labels"].indices.tolist() == [0, 1]
        assert audit.sample_weight[:2].tolist() == [0.5, 0.5]
        assert audit.keep[:2].tolist() == [True, False]

    def test_of_one_face_under_all_labels_one_image_stays(self, faces: Any) -> None:
        """Where no label had more images than the others, all of them were to be dropped."""
        noise = np.random.default_rng(0).integers(0, 8, (9, 48, 48)).astype(np.uint8)
        X = np.concatenate([faces[0] // 2, faces[0][0] // 2 + noise])
        y = np.concatenate([np.full(120, "any"), list("cbacbacba")])
        audit = audit_images(X[1:], y[1:])
        assert [images.tolist() for images in audit["conflicting-labels"].groups] == [
            list(range(119, 128))
        ]
        np.testing.assert_allclose(audit.sample_weight[119:], 1 / 9)
        assert audit.keep[119:].tolist() == [True] + 8 * [False]

    def test_copies_keep_the_label_that_near_duplicates_have(self, faces: Any) -> None:
        """Copies and near duplicates were counted apart: each could drop what the other kept."""
        X, y = spoiled(faces)
        X[50] = np.minimum(X[0] * 1.05 + 2, 255).astype(np.uint8)
        y[[0, 1, 2, 50]] = 0, 1, 2, 2
        audit = audit_images(X, y)
        assert audit["conflicting-labels"].indices.tolist() == [0, 1, 2, 50]
        assert audit.keep[[0, 1, 2, 50]].tolist() == [False, False, True, False]

    def test_the_one_that_stays_stands_in_no_other_group(self, faces: Any) -> None:
        """7 is nearly 101 of the test images, and left out; of its set another one must stay."""
        X, y = spoiled(faces)
        X[20] = np.maximum(X[7] * 0.95 - 2, 0).astype(np.uint8)
        X[101] = np.roll(X[101], 1, axis=1)
        X[20] = np.roll(X[20], -1, axis=1)
        y[[7, 20, 101]] = 0, 1, 0
        audit = audit_images(X, y, groups=GROUPS)
        assert audit["near-across-groups"].indices.tolist() == [7, 101]
        assert audit["conflicting-labels"].indices.tolist() == [7, 20]
        assert audit.keep[[7, 20]].tolist() == [False, True]
        assert audit.sample_weight[[7, 20]].tolist() == [0, 1]

    def test_groups_are_compared_once_however_many_conflict(self, faces: Any) -> None:
        comparisons: list[int] = []

        class Counted(np.ndarray):
            def __eq__(self, other: Any) -> Any:
                comparisons.append(len(self))
                return np.asarray(self) == other

        def n_comparisons(n_sets: int) -> int:
            X = np.concatenate([faces[0][:n_sets]] * 2)
            groups = np.full(len(X), "train").view(Counted)
            audited = check_audited(
                X, np.arange(len(X)), groups, classes=None, train_group=None, image_shape=None
            )
            audited = replace(audited, groups=groups)
            comparisons.clear()
            findings = find_repeated(audited, RepeatedImages(audited, np.ones(len(X), dtype=bool)))
            assert len(findings[-1]) == len(X)
            return len(comparisons)

        assert n_comparisons(40) == n_comparisons(2)

    def test_near_duplicates_conflict_too(self, faces: Any) -> None:
        X, y = spoiled(faces)
        y[101] = (y[7] + 1) % 3
        audit = audit_images(X, y)
        assert audit["conflicting-labels"].indices.tolist() == [7, 101]
        assert audit.sample_weight[[7, 101]].tolist() == [0.5, 0.5]

    def test_no_conflict_without_labels(self, faces: Any) -> None:
        audit = audit_images(spoiled(faces)[0])
        assert "no labels" in audit.skipped["conflicting-labels"]
        with pytest.raises(KeyError, match="was not made: no labels were given"):
            audit["conflicting-labels"]


def chain(n_images: int) -> Any:
    """Images of which each is near to the next alone: their correlation is cos(0.3 (i - j))."""
    one, other = np.random.default_rng(0).standard_normal((2, 48, 48))
    one, other = gaussian_filter(one, 2), gaussian_filter(other, 2)
    one = (one - one.mean()) / one.std()
    other = other - other.mean() - (other * one).mean() * one
    angles = 0.3 * np.arange(n_images)[:, np.newaxis, np.newaxis]
    X = 128 + 35 * (np.cos(angles) * one + np.sin(angles) * other / other.std())
    return np.clip(np.rint(X), 0, 255).astype(np.uint8)


class TestChains:
    """A like B and B like C made one set, the ends of which had next to nothing in common.

    Twelve images were to have a weight of 1/12 each, and none of them was kept.
    """

    def assert_near_to_one(self, X: Any, images: Any) -> None:
        correlation = np.corrcoef(X[images].reshape(len(images), -1))
        assert (correlation >= 0.92).all(axis=1).any()

    def test_a_set_is_near_to_one_of_its_images(self) -> None:
        X = chain(12)
        assert np.corrcoef(X[[0, 2]].reshape(2, -1))[0, 1] < 0.9
        finding = audit_images(X)["near-duplicates"]
        assert sorted(finding.indices) == list(range(12))
        for images in finding.groups:
            self.assert_near_to_one(X, images)

    @pytest.mark.parametrize("labels", ["abababababab", "aabbaabbaabb", "abcabcabcabc"])
    def test_labels_conflict_where_images_are_near(self, labels: str) -> None:
        X, y = chain(12), np.array(list(labels))
        audit = audit_images(X, y)
        finding = audit["conflicting-labels"]
        near = [(i, j) for i in range(12) for j in (i - 1, i + 1) if 0 <= j < 12]
        assert sorted(finding.indices) == sorted({i for i, j in near if y[i] != y[j]})
        for images in finding.groups:
            self.assert_near_to_one(X, images)
            assert len(set(y[images])) > 1
            assert audit.keep[images].sum() == 1
            np.testing.assert_allclose(audit.sample_weight[images], 1 / len(images))
        kept = audit_images(X[audit.keep], y[audit.keep])
        assert not kept["conflicting-labels"]

    def test_images_beyond_the_conflict_are_left_alone(self) -> None:
        audit = audit_images(chain(12), np.repeat([0, 1], 6))
        assert audit["conflicting-labels"].indices.tolist() == [5, 6]
        assert audit.keep.sum() == 11
        assert audit.sample_weight.sum() == 11

    def test_only_what_is_near_to_a_test_image_is_left_out(self) -> None:
        audit = audit_images(chain(12), groups=["train"] * 11 + ["test"])
        assert audit["near-across-groups"].indices.tolist() == [10, 11]
        assert "1 image of test also appears in train" in audit["near-across-groups"].explanation
        assert np.flatnonzero(audit.sample_weight == 0).tolist() == [10]

    def test_a_group_appears_in_those_that_it_is_near_to(self) -> None:
        """The ends of three are near to the middle, and not to each other."""
        audit = audit_images(chain(3), groups=["train", "public", "private"])
        finding = audit["near-across-groups"]
        assert [images.tolist() for images in finding.groups] == [[0, 1, 2]]
        assert "of public also appears in train" in finding.explanation
        assert "of private also appears in train" not in finding.explanation

    def test_a_chain_stays_in_one_fold(self) -> None:
        """Whichever link is divided, an image would stand beside a near duplicate of its own."""
        assert len(set(audit_images(chain(12)).same_image)) == 1

    def test_only_labels_of_what_is_near_to_a_seen_image_go_unchecked(self) -> None:
        X, y = chain(12), np.array([0, 1] * 6)
        y_proba = np.where(y[:, np.newaxis] == [0, 1], 0.1, 0.9)
        y_proba[0] = np.nan
        finding = audit_images(X, y, y_proba=y_proba)["label-errors"]
        assert "of the 10 that were checked" in finding.explanation

    def test_the_order_of_the_images_does_not_matter(self) -> None:
        X, y = chain(12), np.array(list("abbaccabcbac"))
        order = np.random.default_rng(0).permutation(12)
        audit, moved = audit_images(X, y), audit_images(X[order], y[order])
        for kind in ("near-duplicates", "conflicting-labels"):
            assert {frozenset(order[images]) for images in moved[kind].groups} == {
                frozenset(images) for images in audit[kind].groups
            }
        np.testing.assert_array_equal(moved.sample_weight, audit.sample_weight[order])
        assert moved.keep.sum() == audit.keep.sum()


class TestImagesThatShowNothing:
    def test_constant_images_are_left_out(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        assert audit["constant"].indices.tolist() == [10]
        assert audit["constant"].scores.tolist() == [77]
        assert audit.sample_weight[10] == 0
        assert not audit.keep[10]

    def test_constant_images_are_no_duplicates(self) -> None:
        X = np.repeat(np.array([0, 0, 90], dtype=np.uint8), 64).reshape(3, 8, 8)
        audit = audit_images(X, [0, 1, 0])
        assert audit["constant"].indices.tolist() == [0, 1, 2]
        assert [finding.kind for finding in audit.findings] == ["constant"]
        assert not audit.sample_weight.any()

    def test_nearly_constant_images_come_faintest_first(self, faces: Any) -> None:
        X = faces[0].copy()
        X[4] = 100
        X[4, ::2] = 102
        X[3] = 100
        X[3, ::2] = 101
        audit = audit_images(X)
        assert audit["nearly-constant"].indices.tolist() == [3, 4]
        assert audit["nearly-constant"].scores.tolist() == [0.5, 1.0]
        assert not audit["constant"]
        assert audit.sample_weight[[3, 4]].tolist() == [0, 0]


class TestLight:
    def test_outliers_come_worst_first(self, faces: Any) -> None:
        X = faces[0].copy()
        X[4], X[3] = X[0] // 9, X[0] // 7
        X[5], X[6] = 255 - X[0] // 9, 255 - X[0] // 7
        audit = audit_images(X)
        assert audit["dark"].indices.tolist()[:2] == [4, 3]
        assert audit["bright"].indices.tolist()[:2] == [5, 6]
        assert {3, 4, 5, 6} <= set(audit["low-contrast"].indices.tolist())
        assert (audit.sample_weight == 1).all()  # only a look is suggested

    @pytest.mark.parametrize("n_seen", [0, 1, 6, 29])
    def test_few_images_tell_nothing_of_light(self, n_seen: int) -> None:
        X = np.concatenate([make_faces(29, random_state=0)[0], np.zeros((9, 48, 48), np.uint8)])
        X[n_seen:] = 0
        X[:1] //= 9
        audit = audit_images(X)
        for kind in ("dark", "bright", "low-contrast"):
            assert audit.skipped[kind].endswith("it takes 30 to tell which is far from the others")
        assert len(audit["constant"]) == 38 - n_seen

    def test_where_all_is_alike_nothing_is_far(self) -> None:
        X = np.repeat(make_faces(1, random_state=0)[0], 30, axis=0)
        X[3] += 2
        audit = audit_images(X)
        assert not audit["dark"]
        assert not audit["bright"]
        assert not audit["low-contrast"]


class TestNonFaces:
    def text(self, n_images: int) -> np.ndarray:
        rng = np.random.default_rng(0)
        X = np.full((n_images, 48, 48), 255, dtype=np.uint8)
        X[:, 6::7] = np.where(rng.random((n_images, 6, 48)) < 0.5, 0, 255)
        return X

    def test_text_is_found_among_drawn_faces(self) -> None:
        X = make_faces(300, random_state=0)[0]
        X[[5, 50, 150]] = self.text(3)
        audit = audit_images(X)
        assert set(audit["non-faces"].indices[:3]) == {5, 50, 150}
        assert len(audit["non-faces"]) <= 6
        assert (np.diff(audit["non-faces"].scores) <= 0).all()
        assert audit.keep[[5, 50, 150]].all()  # only a look is suggested

    @pytest.mark.parametrize("shape", [(48, 48), (64, 50), (20, 30), (9, 8)])
    def test_any_size_will_do(self, shape: tuple[int, int]) -> None:
        rng = np.random.default_rng(0)
        disc = np.hypot(*np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")) < 0.6
        X = disc * 150 + rng.integers(0, 60, (150, *shape))
        X[7] = rng.integers(0, 210, shape)
        assert audit_images(X.astype(np.uint8))["non-faces"].indices[0] == 7

    def test_brightness_and_contrast_do_not_matter(self) -> None:
        X = make_faces(150, random_state=0)[0]
        fainter = (X[:, ::1] * 0.5 + 40).astype(np.uint8)
        scores = [audit_images(images)._by_kind["non-faces"] for images in (X, fainter)]
        assert scores[0].indices.tolist() == scores[1].indices.tolist()

    def test_images_without_an_edge_are_alike(self) -> None:
        X = np.zeros((150, 24, 24), dtype=np.uint8)
        X[:, ::2, ::2] = 255  # a pixel's neighbours on either side are equal
        assert not audit_images(X)["non-faces"]

    def test_few_images_teach_no_face(self, faces: Any) -> None:
        audit = audit_images(faces[0][:99])
        assert audit.skipped["non-faces"].startswith("only 99 images are not blank")

    def test_tiny_images_show_no_face(self) -> None:
        audit = audit_images(patterns(120, side=6)[0])
        assert audit.skipped["non-faces"] == "images of 6 x 6 pixels are too small"


class TestClasses:
    def test_balance_counts_by_group(self, faces: Any) -> None:
        X, y = faces
        names = np.array(EMOTIONS)[y]
        audit = audit_images(X, names, groups=GROUPS)
        expected = pd.crosstab(names, GROUPS)
        assert audit.class_balance is not None
        np.testing.assert_array_equal(
            audit.class_balance.loc[expected.index, expected.columns], expected
        )
        assert not audit["missing-classes"]
        assert not audit["rare-classes"]
        assert audit["missing-classes"].explanation.startswith("Every class has images.")
        assert audit["rare-classes"].explanation.startswith("No class has less than a fifth")

    def test_missing_classes_are_found_without_an_image(self, faces: Any) -> None:
        X, y = faces
        kept = ~((y == 1) & (GROUPS == "test"))
        audit = audit_images(X[kept], y[kept], groups=GROUPS[kept], classes=[0, 1, 2, 9])
        finding = audit["missing-classes"]
        assert finding in audit.findings
        assert (len(finding), finding.n_faults) == (0, 3)
        for where in ("1 in test", "9 in test", "9 in train"):
            assert where in finding.explanation

    def test_rare_classes_show_their_images(self) -> None:
        X, _ = patterns(100)
        y = np.zeros(100, dtype=int)
        y[[4, 8]], y[9:50] = 2, 1
        finding = audit_images(X, y)["rare-classes"]
        assert finding.indices.tolist() == [4, 8]
        assert "2 (2 of 100)" in finding.explanation

    def test_26_classes(self) -> None:
        X, _ = patterns(260)
        audit = audit_images(X, np.array(list("abcdefghijklmnopqrstuvwxyz") * 10))
        assert audit.class_balance is not None
        assert audit.class_balance.shape == (26, 1)
        assert not audit["rare-classes"]


class TestLabelErrors:
    @pytest.fixture
    def mislabelled(self) -> Any:
        X, y = patterns(240, seed=3)
        y = y.copy()
        wrong = np.array([10, 77, 123, 200])
        y[wrong] = (y[wrong] + 1) % 3
        return X, y, wrong

    def model(self) -> Any:
        return make_pipeline(PCA(3, whiten=True, random_state=0), LogisticRegression())

    def test_an_estimator_finds_them(self, mislabelled: Any) -> None:
        X, y, wrong = mislabelled
        names = np.array(["happy", "angry", "sad"])
        rows = X.reshape(len(X), -1)
        audit = audit_images(rows, names[y], estimator=self.model())
        finding = audit["label-errors"]
        assert set(finding.indices[:4]) == set(wrong)
        assert finding.suggested_labels is not None
        np.testing.assert_array_equal(
            finding.suggested_labels[:4], names[(y[finding.indices[:4]] - 1) % 3]
        )
        assert (np.diff(finding.scores) >= 0).all()
        assert (audit.sample_weight == 1).all()

    def test_probabilities_find_them(self, mislabelled: Any) -> None:
        _, y, wrong = mislabelled
        X = mislabelled[0]
        y_proba = np.full((240, 3), 0.05)
        y_proba[np.arange(240), np.arange(240) % 3] = 0.9
        finding = audit_images(X, y, y_proba=y_proba)["label-errors"]
        assert set(finding.indices) == set(wrong)
        np.testing.assert_allclose(finding.scores, 0.05)
        np.testing.assert_array_equal(finding.suggested_labels, finding.indices % 3)
        assert "agrees with 98 % of all labels" in finding.explanation

    def test_columns_follow_the_classes(self, mislabelled: Any) -> None:
        X, y, wrong = mislabelled
        y_proba = np.full((240, 4), 0.04)
        y_proba[np.arange(240), 3 - np.arange(240) % 3] = 0.88
        finding = audit_images(X, y, y_proba=y_proba, classes=[9, 2, 1, 0])["label-errors"]
        assert set(finding.indices) == set(wrong)
        np.testing.assert_array_equal(finding.suggested_labels, finding.indices % 3)

    def test_an_estimator_meets_unsorted_classes(self, mislabelled: Any) -> None:
        X, y, wrong = mislabelled
        rows = X.reshape(len(X), -1)
        finding = audit_images(rows, y, estimator=self.model(), classes=[2, 7, 0, 1])
        assert set(finding["label-errors"].indices[:4]) == set(wrong)

    def test_rows_of_nan_are_not_checked(self, mislabelled: Any) -> None:
        X, y, _ = mislabelled
        y_proba = np.full((240, 3), np.nan)
        y_proba[100:] = np.eye(3)[np.arange(100, 240) % 3] * 0.9 + 0.1 / 3
        finding = audit_images(X, y, y_proba=y_proba)["label-errors"]
        assert set(finding.indices) == {123, 200}
        assert "of the 140 that were checked" in finding.explanation

    def test_copies_of_what_is_not_checked_are_not_checked(self, mislabelled: Any) -> None:
        """The model saw them in its training, too."""
        X, y, _ = mislabelled
        y_proba = np.eye(3)[np.arange(240) % 3] * 0.9 + 0.1 / 3
        before = audit_images(X, y, y_proba=y_proba)["label-errors"].indices
        audit = audit_images(
            np.concatenate([X, X[[123]]]),
            np.append(y, y[123]),
            y_proba=np.append(y_proba, [[np.nan] * 3], axis=0),
        )
        assert set(before) - set(audit["label-errors"].indices) == {123}

    def test_nothing_is_checked_where_all_rows_are_nan(self, mislabelled: Any) -> None:
        X, y, _ = mislabelled
        audit = audit_images(X, y, y_proba=np.full((240, 3), np.nan))
        assert not audit["label-errors"]

    def test_images_that_show_nothing_are_not_checked(self, mislabelled: Any) -> None:
        X, y, _ = mislabelled
        X = X.copy()
        X[10] = 0
        y_proba = np.full((240, 3), 0.05)
        y_proba[np.arange(240), np.arange(240) % 3] = 0.9
        assert 10 not in audit_images(X, y, y_proba=y_proba)["label-errors"].indices

    @pytest.mark.parametrize("cv", [5, GroupKFold(5)])
    def test_duplicates_stay_in_one_fold(self, cv: Any) -> None:
        """A model that remembers every image must not have seen a copy of what it predicts."""
        X, y = patterns(60)
        X, y = np.concatenate([X, X]), np.concatenate([y, y])
        seen: list[set[bytes]] = []

        class Witness(LogisticRegression):  # type: ignore[misc]
            def fit(self, X: Any, y: Any) -> Any:
                seen.append({row.tobytes() for row in X})
                return super().fit(X, y)

            def predict_proba(self, X: Any) -> Any:
                assert not seen[-1] & {row.tobytes() for row in X}
                return super().predict_proba(X)

        audit_images(X.reshape(120, -1), y, estimator=Witness(max_iter=5000), cv=cv)
        assert len(seen) == 5

    def test_folds_that_do_not_heed_duplicates_warn(self, mislabelled: Any) -> None:
        X, y, _ = mislabelled
        with pytest.warns(UserWarning, match="groups parameter is ignored"):
            audit_images(X.reshape(240, -1), y, estimator=self.model(), cv=StratifiedKFold(3))

    def test_a_class_smaller_than_the_folds_is_no_error(self) -> None:
        X, y = patterns(60)
        X, y = X.reshape(60, -1), y.copy()
        y[:3] = 7
        audit = audit_images(X, y, estimator=self.model())
        assert audit.skipped["label-errors"] == (
            "3 distinct images of class 7, fewer than the 5 folds"
        )

    def test_a_single_class_has_no_errors(self) -> None:
        X, _ = patterns(20)
        audit = audit_images(X, np.zeros(20), y_proba=np.ones((20, 1)))
        assert not audit["label-errors"]

    def test_an_estimator_without_probabilities_is_no_fault_of_the_data(self) -> None:
        X, y = patterns()
        with pytest.raises(ValueError, match="expected a classifier with predict_proba") as error:
            audit_images(X, y, estimator=RidgeClassifier())
        assert not isinstance(error.value, DataError)

    def test_says_how_to_install_cleanlab(
        self, mislabelled: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        X, y, _ = mislabelled
        monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
        with pytest.raises(ImportError, match=r"ferclassifier\[audit\]"):
            audit_images(X, y, y_proba=np.eye(3)[y])

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"y_proba": np.ones((60, 3))}, "row that sums to 3, but expected prob"),
            ({"y_proba": np.full((60, 3), [1.2, -0.1, -0.1])}, r"values in \[-0.1, 1.2\]"),
            ({"y_proba": np.full((60, 3), [0.5, 0.5, 0.005])}, "row that sums to 1.005"),
            ({"y_proba": np.full((60, 3), [0.5, 0.5, np.nan])}, "y_proba contains NaN"),
            ({"y_proba": np.full((60, 3), "a")}, "could not convert string to float"),
            ({"y_proba": np.full((60, 2), 0.5)}, r"expected \(60, 3\)"),
            ({"y_proba": np.ones((6, 3)) / 3}, r"expected \(60, 3\)"),
            ({"y_proba": np.ones((60, 3)) / 3, "estimator": LogisticRegression()}, "one of them"),
            ({"estimator": LogisticRegression(), "y": None}, "no labels to check"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, params: Any, message: str) -> None:
        X, y = patterns()
        with pytest.raises(DataError, match=message):
            audit_images(X, **{"y": y, **params})


class TestInput:
    @pytest.mark.parametrize(
        "form",
        ["rows", "unit", "float32", "channel", "list", "int", "standardised", "frame", "files"],
    )
    def test_every_form_gives_the_same_findings(
        self, faces: Any, form: str, tmp_path: Path
    ) -> None:
        X, y = spoiled(faces)
        X[0, 0, 0] = X[0, 0, 1] = 0  # bytes from black to white, whatever is stretched
        X[0, 1, 1] = 255
        X[1] = X[2] = X[0]
        given: Any = {
            "rows": lambda: X.reshape(120, -1),
            "unit": lambda: X / 255,
            "float32": lambda: X.astype(np.float32) / 255,
            "channel": lambda: X[..., np.newaxis],
            "list": lambda: X.tolist(),
            "int": lambda: X.astype(np.int64),
            "standardised": lambda: (X - 127.5) / 60,
            "frame": lambda: pd.DataFrame(X.reshape(120, -1)),
            "files": lambda: self.files(X, tmp_path),
        }[form]()
        expected = audit_images(X, y, groups=GROUPS)
        found = audit_images(given, y, groups=GROUPS)
        np.testing.assert_array_equal(found.images, X)
        assert [f.to_dict() for f in found.findings] == [f.to_dict() for f in expected.findings]

    def files(self, X: np.ndarray, folder: Path) -> list[Path]:
        paths = [folder / f"{i:03}.png" for i in range(len(X))]
        for path, image in zip(paths, X, strict=True):
            Image.fromarray(image).save(path)
        return paths

    def test_bytes_are_not_copied(self, faces: Any) -> None:
        assert np.shares_memory(audit_images(faces[0]).images, faces[0])

    def test_colour(self, faces: Any) -> None:
        X, y = spoiled(faces)
        tinted = np.stack([X, X // 2, X // 3], axis=-1)
        audit = audit_images(tinted, y, groups=GROUPS)
        assert audit["exact-duplicates"].indices.tolist() == [0, 1, 2]
        assert audit["across-groups"].indices.tolist() == [5, 100]
        assert audit["near-across-groups"].indices.tolist() == [7, 101]
        assert audit["constant"].indices.tolist() == [10]

    def test_rows_take_the_shape_that_is_given(self) -> None:
        audit = audit_images(np.zeros((3, 12), dtype=np.uint8), image_shape=(3, 4))
        assert audit.images.shape == (3, 3, 4)

    def test_one_image(self, faces: Any) -> None:
        audit = audit_images(faces[0][:1], [3], groups=["train"])
        assert audit.findings == []
        assert audit.keep.tolist() == [True]
        assert len(audit.to_frame()) == 0

    def test_equal_images(self, faces: Any) -> None:
        audit = audit_images(np.repeat(faces[0][:1], 200, axis=0), np.zeros(200))
        assert len(audit["exact-duplicates"]) == 200
        np.testing.assert_allclose(audit.sample_weight, 1 / 200)
        assert audit.keep.sum() == 1
        assert not audit["non-faces"]

    @pytest.mark.parametrize(
        ("groups", "train_group", "expected"),
        [
            (["PublicTest", "Training", "Training"], None, "Training"),
            (["validation", "validation", "train"], None, "train"),
            (["a", "b", "b"], None, "b"),
            (["a", "b", "b"], "a", "a"),
            ([1, 0, 0], 1, 1),
        ],
    )
    def test_the_training_group(self, groups: Any, train_group: Any, expected: Any) -> None:
        audit = audit_images(patterns(3)[0], groups=groups, train_group=train_group)
        assert audit.train_group == expected

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"y": [0, 1]}, r"y of shape \(2,\), but expected one for each of the 4 images"),
            ({"groups": ["a"] * 5}, r"groups of shape \(5,\)"),
            ({"y": [0, 1, np.nan, 2]}, "y with missing values for 1 images"),
            ({"groups": ["a", None, "b", "a"]}, "groups with missing values"),
            ({"y": np.array([0, "a", 1, "b"], dtype=object)}, r"several types \(int, str\)"),
            ({"y": [0, 1, 2, 3], "classes": [0, 1]}, r"not among classes=\[0, 1\]: \[2, 3\]"),
            ({"y": [0, 1, 2, 3], "classes": [0, 1, 2, 3, 3]}, "each label once"),
            ({"train_group": "train"}, "but no groups"),
            ({"groups": list("aabb"), "train_group": "c"}, r"one of \['a', 'b'\]"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, params: Any, message: str) -> None:
        with pytest.raises(DataError, match=message):
            audit_images(patterns(4)[0], **params)

    @pytest.mark.parametrize(
        ("X", "message"),
        [
            (np.zeros(4), "expected rows"),
            (np.zeros((0, 8, 8)), "at least one"),
            (np.full((2, 8, 8), np.nan), "NaN or infinity"),
            (np.full((2, 8, 8), np.inf), "NaN or infinity"),
            (np.full((2, 8, 8), "a"), "expected numbers or paths"),
        ],
    )
    def test_what_is_no_batch_of_images_is_refused(self, X: Any, message: str) -> None:
        with pytest.raises(ImageError, match=message):
            audit_images(X)

    def test_nothing_is_changed(self, faces: Any) -> None:
        X, y = spoiled(faces)
        copies = X.copy(), y.copy(), GROUPS.copy()
        audit_images(X, y, groups=GROUPS)
        for given, copy in zip((X, y, GROUPS), copies, strict=True):
            np.testing.assert_array_equal(given, copy)


class TestImageAudit:
    def test_two_audits_are_equal(self, faces: Any) -> None:
        one, two = (audit_images(*spoiled(faces), groups=GROUPS) for _ in range(2))
        assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())

    def test_frame_has_a_row_for_each_finding_and_image(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        frame = audit.to_frame()
        assert len(frame) == sum(map(len, audit.findings))
        across = frame[frame["finding"] == "across-groups"]
        assert across["image"].tolist() == [5, 100]
        assert across["set"].tolist() == [0, 0]
        assert across["group"].tolist() == ["train", "test"]
        assert across["sample_weight"].tolist() == [0, 1]
        assert across["keep"].tolist() == [False, True]
        assert frame[frame["finding"] == "constant"]["set"].isna().all()

    def test_columns_have_their_types_whatever_was_found(self, faces: Any) -> None:
        nothing = audit_images(make_faces(1, random_state=0)[0], [0], groups=["train"]).to_frame()
        assert len(nothing) == 0
        everything = audit_images(*spoiled(faces), groups=GROUPS).to_frame()
        numbers = {
            "image": np.dtype(np.intp),
            "set": pd.Int64Dtype(),
            "score": np.dtype(float),
            "label": faces[1].dtype,
            "sample_weight": np.dtype(float),
            "keep": np.dtype(bool),
        }
        for frame in (nothing, everything):
            assert frame.dtypes[list(numbers)].to_dict() == numbers
            assert list(frame.columns) == list(nothing.columns)
        assert nothing.dtypes["finding"] == everything.dtypes["finding"]

    def test_frame_tells_suggested_labels_as_they_are(self) -> None:
        X, y = patterns(240, seed=3)
        y_proba, y = np.eye(3)[y] * 0.9 + 0.1 / 3, y.copy()
        y[[10, 77]] = (y[[10, 77]] + 1) % 3
        audit = audit_images(X, y, y_proba=y_proba)
        frame = audit.to_frame()
        found = frame[frame["finding"] == "label-errors"]
        labels = dict(zip(found["image"], found["suggested_label"], strict=True))
        assert labels == {10: (y[10] - 1) % 3, 77: (y[77] - 1) % 3}
        np.testing.assert_array_equal(found["score"], audit["label-errors"].scores)

    def test_dict_is_json(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        read = json.loads(json.dumps(audit.to_dict()))
        assert read["n_images"] == 120
        assert {f["kind"]: f["indices"] for f in read["findings"]}["constant"] == [10]
        assert read["sample_weight"][10] == 0
        assert sum(read["class_balance"]["test"].values()) == 30

    def test_text_names_every_check(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        text = str(audit)
        lines = {line.split()[0]: line for line in text.splitlines() if line}
        assert lines["exact-duplicates"].split()[1] == "3"
        assert lines["dark"].split()[1] == "0"
        assert lines["label-errors"].split()[1] == "-"
        assert "leave out 3 images and give 3 less weight" in text
        assert f"Without weights: leave out {int((~audit.keep).sum())} (" in text
        assert "across-groups" in repr(audit)

    def test_explanations_are_plain_text(self, faces: Any) -> None:
        """They are shown on pages and consoles, which know no marks."""
        y_proba = np.full((120, 3), 1 / 3)
        audit = audit_images(*spoiled(faces), groups=GROUPS, y_proba=y_proba)
        assert not audit.skipped
        for finding in audit._by_kind.values():
            assert not set("`*[]") & set(finding.explanation)

    def test_an_unknown_kind_is_an_error(self, faces: Any) -> None:
        with pytest.raises(KeyError, match="expected one of exact-duplicates"):
            audit_images(faces[0])["blurred"]

    def test_plot_shows_the_first_images(self, faces: Any) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        display = audit.plot("across-groups", n_images=2)
        np.testing.assert_array_equal(display.images, audit.images[[5, 100]])
        assert display.captions is not None
        assert display.captions[0].startswith("5 train")
        assert display.figure_ is not None

    @pytest.mark.parametrize("n_images", [0, -1])
    def test_at_least_one_image_is_plotted(self, faces: Any, n_images: int) -> None:
        audit = audit_images(*spoiled(faces), groups=GROUPS)
        with pytest.raises(ValueError, match=f"Got n_images={n_images}, but expected a whole"):
            audit.plot("exact-duplicates", n_images=n_images)

    def test_a_finding_without_an_image_has_no_plot(self, faces: Any) -> None:
        with pytest.raises(DataError, match="no image to show"):
            audit_images(faces[0]).plot("constant")


@pytest.fixture(scope="module")
def fer2013(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("fer2013") / "fer.npz"
    tool = str(SHARED / "tools" / "fer2013.py")
    subprocess.run([sys.executable, tool, "npz", str(path)], check=True)
    with np.load(path) as data:
        return data["X"], data["y"], data["usage"]


@needs_fer2013
def test_the_faults_of_fer2013(fer2013: Any) -> None:
    """The published facts: 12 constant images, and 280 test images that stand in training."""
    X, y, usage = fer2013
    in_test = usage == "PublicTest"
    train = {image.tobytes() for image in X[~in_test]}
    shared = [image.tobytes() for image in X[in_test] if image.tobytes() in train]
    assert (len(shared), len(set(shared))) == (280, 270)
    audit = audit_images(X, y, groups=usage)
    assert audit.train_group == "Training"
    assert len(audit["constant"]) == 12
    exact, near = ({*audit[k].indices} for k in ("across-groups", "near-across-groups"))
    # One of the 280 is black, and is told among the constant images.
    assert in_test[list(exact)].sum() == 279
    assert 540 < in_test[list(exact | near)].sum() < 580
    # Counted by eye: 41 of 47 show no face.
    assert 40 < len(audit["non-faces"]) < 60
    assert audit.sample_weight[in_test].min() == 1
