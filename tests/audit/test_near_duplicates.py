"""Images that stand more than once are found, as they are or nearly so."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from PIL import Image

from ferclassifier import ImageResizer, make_faces
from ferclassifier.audit import _hash_neighbours, _near_duplicates
from ferclassifier.audit._hash_neighbours import Candidates, candidate_pairs
from ferclassifier.audit._image_sets import first_connected, sets_around, sets_of
from ferclassifier.audit._near_duplicates import exact_duplicates, near_duplicates
from ferclassifier.audit._perceptual_hash import hash_windows
from ferclassifier.audit._pixel_correlation import correlations
from ferclassifier.exceptions import ImageError
from ferclassifier.images._displayable import luma
from helpers import SHARED, needs_fer2013

Images = NDArray[np.uint8]

FACES = make_faces(600, random_state=0)[0]
N_COPIES = 100


def recompressed(images: Images) -> Images:
    copies = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=50)
        copies.append(np.asarray(Image.open(file)))
    return np.stack(copies)


def as_bytes(images: Any) -> Images:
    return np.clip(np.rint(images), 0, 255).astype(np.uint8)


def shifted(down: int, across: int) -> Callable[[Images], Images]:
    """Move what the images show; the last row or column of the other side comes in."""
    return lambda images: np.roll(images, (down, across), axis=(1, 2))


CHANGES: dict[str, Callable[[Images], Images]] = {
    "recompressed": recompressed,
    "brightened": lambda images: as_bytes(images * 1.1),
    "lighter": lambda images: as_bytes(images + 25.0),
    "darkened": lambda images: as_bytes(images * 0.9),
    "less contrast": lambda images: as_bytes((images - 128.0) * 0.8 + 128),
    "down": shifted(1, 0),
    "up": shifted(-1, 0),
    "right": shifted(0, 1),
    "left": shifted(0, -1),
    "down and left": shifted(1, -1),
}


def recall_and_precision(originals: Images, change: Callable[[Images], Images]) -> Any:
    """Of the pairs of the first images with their changed copies.

    Pairs that are found among the originals alone are set aside.
    """
    n = len(originals)
    pairs = near_duplicates(np.concatenate([originals, change(originals[:N_COPIES])]))[0]
    alone = {tuple(pair) for pair in near_duplicates(originals)[0].tolist()}
    found = {(i, j) for i, j in pairs.tolist() if (min(i, j % n), max(i, j % n)) not in alone}
    made = {(i, n + i) for i in range(N_COPIES)}
    return len(found & made) / len(made), len(found & made) / len(found)


def noisy_copies(n: int, noise: float = 3.0) -> Images:
    """Copies of one face, all distinct."""
    return as_bytes(FACES[0] + np.random.default_rng(0).normal(0, noise, (n, 48, 48)))


class TestExactDuplicates:
    @given(st.lists(st.integers(0, 3), max_size=12))
    def test_labels_are_the_first_of_equal_images(self, kinds: list[int]) -> None:
        labels = exact_duplicates(FACES[kinds] if kinds else FACES[:0])
        assert labels.tolist() == [kinds.index(kind) for kind in kinds]

    def test_one_gray_level_makes_a_difference(self) -> None:
        pair = FACES[[0, 0]].copy()
        pair[1, 20, 20] ^= 1
        assert_array_equal(exact_duplicates(pair), [0, 1])

    def test_memory_order_is_no_difference(self) -> None:
        images = np.asfortranarray(FACES[[0, 1, 0]])
        assert_array_equal(exact_duplicates(images), [0, 1, 0])

    def test_colours_are_compared(self) -> None:
        colours = np.repeat(FACES[[0, 0, 0], :, :, None], 3, axis=3)
        colours[1, 5, 5] = [200, 0, 0]
        assert_array_equal(exact_duplicates(colours), [0, 1, 0])


class TestChanges:
    @pytest.mark.parametrize("name", CHANGES)
    def test_copies_are_found_and_little_else(self, name: str) -> None:
        recall, precision = recall_and_precision(FACES, CHANGES[name])
        assert recall >= 0.95
        assert precision >= 0.99

    @pytest.mark.parametrize("side", [8, 12, 20, 64, 96, 101, 224])
    def test_copies_are_found_at_every_size(self, side: int) -> None:
        faces = ImageResizer((side, side)).transform(FACES[:40])
        both = np.concatenate([faces, as_bytes(faces * 0.8 + 10)])
        pairs = near_duplicates(both, threshold=0.98)[0].tolist()
        assert [pair for pair in pairs if pair[1] - pair[0] == 40] == [
            [i, i + 40] for i in range(40)
        ]

    @pytest.mark.parametrize("shape", [(30, 90), (200, 50), (1, 60), (60, 1)])
    def test_copies_are_found_in_every_shape(self, shape: tuple[int, int]) -> None:
        images = np.random.default_rng(0).integers(0, 200, (20, *shape)).astype(np.uint8)
        pairs, _ = near_duplicates(np.concatenate([images, images + 20]))
        assert_array_equal(pairs, [(i, i + 20) for i in range(20)])

    def test_a_gray_copy_of_a_coloured_image_is_near_to_it(self) -> None:
        colours = np.random.default_rng(0).integers(0, 255, (5, 24, 24, 3)).astype(np.uint8)
        gray = [Image.fromarray(image).convert("L").convert("RGB") for image in colours]
        pairs, similarity = near_duplicates(np.concatenate([colours, np.stack(gray)]))
        assert_array_equal(pairs, [(i, i + 5) for i in range(5)])
        assert_allclose(similarity, 1, atol=1e-3)

    @pytest.mark.parametrize("side", [24, 100])
    def test_luma_stands_for_colours_where_copies_are_known(self, side: int) -> None:
        rng = np.random.default_rng(0)
        colours = rng.integers(0, 255, (9, side, side, 3)).astype(np.uint8)
        colours[3] = as_bytes(colours[2] * 0.9)
        colours[5] = colours[4]
        colours[7] = colours[6]
        colours[7, 0, 0] = colours[7, 0, 0] // 2 * 2 + [[0, 0, 1]]  # hardly another luma
        pairs, similarity = near_duplicates(colours)
        found = near_duplicates(luma(colours), copy_of=exact_duplicates(colours))
        assert_array_equal(pairs, [[2, 3], [6, 7]])
        assert_array_equal(found[0], pairs)
        assert_array_equal(found[1], similarity)

    def test_one_channel_is_as_good_as_none(self) -> None:
        both = np.concatenate([FACES[:50], FACES[:50] // 2])
        assert_array_equal(near_duplicates(both[..., None])[0], near_duplicates(both)[0])

    def test_large_images_are_compared_as_small_ones(self) -> None:
        faces = FACES[:20].repeat(4, axis=1).repeat(4, axis=2)
        noise = np.random.default_rng(0).normal(0, 40, faces.shape)
        pairs, similarity = near_duplicates(np.concatenate([faces, as_bytes(faces + noise)]))
        assert_array_equal(pairs, [(i, i + 20) for i in range(20)])
        one, other = faces[0], as_bytes(faces[0] + noise[0])
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] < 0.9 < similarity[0]

    def test_mirror_images_are_other_images(self) -> None:
        lit_from_the_left = as_bytes(FACES[:100] * np.linspace(1, 0.3, 48))
        both = np.concatenate([lit_from_the_left, lit_from_the_left[:, :, ::-1]])
        pairs, _ = near_duplicates(both)
        assert not np.any(pairs[:, 1] - pairs[:, 0] == 100)


class TestPairs:
    def test_of_equal_images_the_first_stands_for_all(self) -> None:
        one, other = FACES[0], as_bytes(FACES[0] * 0.7)
        pairs, _ = near_duplicates(np.stack([FACES[9], one, one, other, one, other]))
        assert_array_equal(pairs, [[1, 3]])

    def test_similarity_is_the_correlation_of_the_pixels(self) -> None:
        one, other = FACES[0], noisy_copies(1, 10)[0]
        pairs, similarity = near_duplicates(np.stack([one, other]))
        assert_array_equal(pairs, [[0, 1]])
        assert_allclose(similarity, np.corrcoef(one.ravel(), other.ravel())[0, 1], rtol=1e-5)

    def test_the_threshold_is_the_smallest_similarity(self) -> None:
        both = np.concatenate([FACES[:50], recompressed(FACES[:50])])
        pairs, similarity = near_duplicates(both)
        threshold = float(np.sort(similarity)[25])
        fewer, higher = near_duplicates(both, threshold=threshold)
        assert_array_equal(fewer, pairs[similarity >= threshold])
        assert higher.min() == threshold

    def test_other_shifts_are_tried_where_that_of_the_hashes_falls_short(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pair = np.concatenate([FACES[:1], shifted(0, 1)(FACES[:1])])
        middle = Candidates(np.array([[0, 1]]), np.array([4]))
        monkeypatch.setattr(_near_duplicates, "candidate_pairs", lambda hashes: middle)
        unshifted = np.corrcoef(pair.reshape(2, -1))[0, 1]
        _, similarity = near_duplicates(pair, threshold=unshifted + 0.05)
        assert_allclose(similarity, [1], atol=1e-6)

    def test_every_two_of_many_alike_are_compared(self) -> None:
        """Each image brings 16 candidates, of the 29 others that are near to it."""
        pairs, _ = near_duplicates(noisy_copies(30))
        assert_array_equal(pairs, np.stack(np.triu_indices(30, 1), axis=1))

    def test_the_order_of_the_images_does_not_matter(self) -> None:
        both = np.concatenate([FACES[:200], recompressed(FACES[:200])])
        order = np.random.default_rng(0).permutation(len(both))
        pairs, _ = near_duplicates(both)
        moved, _ = near_duplicates(both[order])
        assert len(pairs) >= 190
        assert {frozenset(pair) for pair in order[moved].tolist()} == {
            frozenset(pair) for pair in pairs.tolist()
        }

    def test_images_that_show_next_to_nothing_are_in_no_pair(self) -> None:
        rng = np.random.default_rng(0)
        blank = as_bytes(np.arange(50, 60)[:, None, None] + rng.normal(0, 0.8, (10, 48, 48)))
        constant = np.full((2, 48, 48), [[[0]], [[255]]], dtype=np.uint8)
        steps = np.broadcast_to(np.arange(48) // 8, (5, 48, 48)).astype(np.uint8)
        steps[np.arange(5), np.arange(5)] += 1
        assert len(near_duplicates(np.concatenate([blank, constant, steps // 2]))[0]) == 0
        assert len(near_duplicates(steps * 4)[0]) == 10

    @pytest.mark.parametrize("n_images", [0, 1])
    def test_fewer_than_two_images_have_no_pairs(self, n_images: int) -> None:
        pairs, similarity = near_duplicates(FACES[:n_images])
        assert pairs.shape == (0, 2)
        assert similarity.shape == (0,)
        assert sets_of(first_connected(n_images, pairs)) == []


class TestManyAlike:
    """Images that are all alike take no more comparisons than others."""

    N_IMAGES = 2000

    def test_they_are_one_group_and_hide_no_others(self) -> None:
        others = np.concatenate([FACES[1:101], recompressed(FACES[1:101])])
        images = np.concatenate([noisy_copies(self.N_IMAGES), others])
        pairs, _ = near_duplicates(images)
        assert len(pairs) <= 16 * len(images)
        largest = max(sets_of(first_connected(len(images), pairs)), key=len)
        assert_array_equal(largest, np.arange(self.N_IMAGES))
        found = {tuple(pair) for pair in pairs.tolist()}
        made = {(i, i + 100) for i in range(self.N_IMAGES, self.N_IMAGES + 100)}
        assert len(found & made) >= 95

    def test_comparisons_grow_with_the_images(self, monkeypatch: pytest.MonkeyPatch) -> None:
        compared: list[int] = []
        alike = _hash_neighbours._alike

        def counting(hashes: Any, window: int, moved: Any, still: Any) -> Any:
            compared.append(len(moved))
            return alike(hashes, window, moved, still)

        monkeypatch.setattr(_hash_neighbours, "_alike", counting)
        per_image = []
        for n_images in (500, 1000, 2000):
            compared.clear()
            near_duplicates(noisy_copies(n_images))
            per_image.append(sum(compared) / n_images)
        assert per_image[0] > 100
        assert max(per_image) <= 8 * 9 * 16


class TestHashes:
    def test_brightness_and_contrast_hardly_matter(self) -> None:
        faces = FACES[:50] // 2
        words = hash_windows(faces).words
        others = hash_windows(faces * 2 + 1).words
        assert np.bitwise_count(words ^ others).sum(axis=2).max() <= 2

    @pytest.mark.parametrize(("down", "across"), [(0, 1), (-1, 0), (1, 1), (1, -1)])
    def test_a_shift_by_a_pixel_is_seen_through_another_window(
        self, down: int, across: int
    ) -> None:
        hashes = hash_windows(FACES[:50])
        moved = hash_windows(shifted(down, across)(FACES[:50]))
        window = hashes.shifts.tolist().index([down, across])
        still = hashes.words[:, hashes.middle]
        assert np.bitwise_count(still ^ moved.words[:, window]).sum(axis=1).max() <= 2
        assert np.bitwise_count(still ^ moved.words[:, hashes.middle]).sum(axis=1).mean() > 5

    def test_a_candidate_comes_with_the_window(self) -> None:
        hashes = hash_windows(np.concatenate([FACES[:50], shifted(1, -1)(FACES[:50])]))
        candidates = candidate_pairs(hashes)
        made = candidates.pairs[:, 1] - candidates.pairs[:, 0] == 50
        assert made.sum() == 50
        assert_array_equal(hashes.shifts[candidates.windows[made]], [[1, -1]] * 50)

    def test_different_faces_are_hardly_ever_candidates(self) -> None:
        candidates = candidate_pairs(hash_windows(FACES))
        assert 0 < len(candidates.pairs) < len(FACES)


class TestCorrelations:
    @pytest.mark.parametrize(("down", "across"), [(0, 0), (1, 0), (-1, 1), (0, -1)])
    def test_what_overlaps_after_a_shift_is_correlated(self, down: int, across: int) -> None:
        images = np.random.default_rng(0).integers(0, 256, (2, 6, 7)).astype(np.uint8)
        one = [
            images[0, y, x]
            for y in range(6)
            for x in range(7)
            if 0 <= y + down < 6 and 0 <= x + across < 7
        ]
        other = [
            images[1, y + down, x + across]
            for y in range(6)
            for x in range(7)
            if 0 <= y + down < 6 and 0 <= x + across < 7
        ]
        found = correlations(images, np.array([[0, 1]]), np.array([[down, across]]))
        assert_allclose(found, np.corrcoef(one, other)[0, 1], atol=1e-6)

    def test_a_constant_image_is_like_no_other(self) -> None:
        images = np.stack([FACES[0], np.full((48, 48), 9, np.uint8)])
        pairs = np.array([[0, 1], [1, 1], [0, 0]])
        assert_allclose(correlations(images, pairs, np.zeros((3, 2), int)), [0, 0, 1], atol=1e-6)


class TestGroups:
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
    def test_a_group_is_what_pairs_connect(self, pairs: list[tuple[int, int]]) -> None:
        sets = [{i} for i in range(10)]
        for i, j in pairs:
            one, other = (next(s for s in sets if k in s) for k in (i, j))
            if one is not other:
                sets.remove(other)
                one |= other
        expected = sorted(sorted(s) for s in sets if len(s) > 1)
        first = first_connected(10, np.array(pairs, dtype=np.intp).reshape(-1, 2))
        assert first.tolist() == [min(s) for i in range(10) for s in sets if i in s]
        assert [group.tolist() for group in sets_of(first)] == expected

    @given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25), st.data())
    def test_in_a_set_around_a_representative_all_are_near_to_it(
        self, pairs: set[tuple[int, int]], data: Any
    ) -> None:
        near: dict[int, dict[int, float]] = {}
        for i, j in pairs:
            if i != j:
                similarity = data.draw(st.sampled_from([0.92, 0.95, 0.99]))
                near.setdefault(i, {})[j] = near.setdefault(j, {})[i] = similarity
        sets = sets_around(near, {image: set(others) for image, others in near.items()})
        assert sorted(image for images in sets for image in images) == sorted(near)
        for representative, *others in sets:
            assert others
            assert set(others) <= near[representative].keys()

    def test_a_representative_has_the_most_partners(self) -> None:
        near = {i: dict.fromkeys({i - 1, i + 1} & set(range(6)), 0.95) for i in range(6)}
        assert sets_around(near, {i: set(near[i]) for i in near}) == [[1, 0, 2], [4, 3, 5]]
        assert sets_around(near, {2: {3}, 3: {2}}) == [[2, 3]]

    def test_what_is_left_joins_a_partner(self) -> None:
        """1 would take both of its neighbours, and leave 3 alone without its only partner."""
        near = {0: {1: 0.95}, 1: {0: 0.95, 2: 0.97}, 2: {1: 0.97, 3: 0.93}, 3: {2: 0.93}}
        sets = sets_around(near, {i: set(near[i]) for i in near})
        assert sorted(map(sorted, sets)) == [[0, 1], [2, 3]]

    def test_an_image_may_be_a_set_of_its_own(self) -> None:
        assert sets_around({}, {7: {7}}) == [[7]]

    def test_a_set_shares_both_numbers(self) -> None:
        same, codes = np.array([7, 7, 7, 2, 2, 7]), np.array([0, 1, 0, 1, 1, 1])
        assert [found.tolist() for found in sets_of(same, codes)] == [[3, 4], [0, 2], [1, 5]]


class TestErrors:
    @pytest.mark.parametrize("find", [exact_duplicates, near_duplicates])
    @pytest.mark.parametrize(
        "images",
        [
            FACES / 255,
            FACES.astype(int),
            FACES.reshape(600, -1),
            FACES[:4, :, :, None, None],
            FACES[:, :0],
        ],
        ids=["floats", "integers", "rows", "five axes", "no pixels"],
    )
    def test_other_arrays_are_refused(self, find: Any, images: Any) -> None:
        with pytest.raises(ImageError, match=r"Got an array of .* but expected images of bytes"):
            find(images)

    @pytest.mark.parametrize("threshold", [0, -0.5, 1.01, np.nan])
    def test_a_threshold_is_a_correlation(self, threshold: float) -> None:
        with pytest.raises(ValueError, match="expected a correlation"):
            near_duplicates(FACES[:3], threshold=threshold)


@pytest.fixture(scope="module")
def real_faces(tmp_path_factory: pytest.TempPathFactory) -> Images:
    tool = SHARED / "tools" / "fer2013.py"
    path = tmp_path_factory.mktemp("fer2013") / "fer2013.npz"
    subprocess.run([sys.executable, tool, "npz", path, "--limit", "1500"], check=True)
    images: Images = np.load(path)["X"]
    return images[exact_duplicates(images) == np.arange(len(images))]


@needs_fer2013
@pytest.mark.parametrize("name", ["recompressed", "brightened", "right", "up"])
def test_copies_of_real_faces_are_found_and_little_else(real_faces: Images, name: str) -> None:
    recall, precision = recall_and_precision(real_faces, CHANGES[name])
    assert recall >= 0.95
    assert precision >= 0.99
