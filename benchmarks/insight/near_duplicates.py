"""Find made near duplicates among the faces of FER-2013, and time the search.

    python benchmarks/insight/near_duplicates.py fer2013.csv

Originals are the distinct images of Training and PublicTest. A thousand of them are copied with
each change, and the copies join all originals, one change at a time and then all together. A pair
is right if it goes back to one original. FER-2013 holds near duplicates of its own, so precision is
given twice: with every other pair counted as wrong ("strict"), and without the pairs whose
originals are already in one group when the originals are searched alone. `--grids` draws some of
these, and all that are wrong then, to be judged by eye; `--imagehash` adds the hashes of that
library, which are compared all with all.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from ferclassifier import load_fer2013
from ferclassifier.audit._image_sets import first_connected, sets_of
from ferclassifier.audit._near_duplicates import exact_duplicates, near_duplicates

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table

RESULTS = Path("benchmarks/results")


def main() -> None:
    """Print the tables and write them as CSV files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--copies", type=int, default=1000, help="of each change")
    parser.add_argument("--repeats", type=int, default=3, help="of what is timed")
    parser.add_argument("--grids", type=Path, help="folder for pictures of pairs to look at")
    parser.add_argument("--imagehash", action="store_true", help="needs imagehash")
    args = parser.parse_args()

    faces = load_fer2013(args.data, subset="all")
    print(f"## FER-2013 itself\n\n{table(_of_fer2013(faces.images, faces.usage))}")
    originals = faces.images[exact_duplicates(faces.images) == np.arange(len(faces.images))]
    made = Made(originals, args.copies)
    if args.grids:
        made.draw(args.grids)
    _report("Made pairs", "near_duplicates", [made.scores(name) for name in [*CHANGES, None]])
    _report("Thresholds", "near_duplicates_thresholds", made.by_threshold())
    if args.imagehash:
        _report("imagehash", "near_duplicates_imagehash", made.of_imagehash())
    _report("Growth", "near_duplicates_growth", _growth(faces.images, args.repeats))
    print(f"\n{machine()}")


def _report(title: str, name: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n## {title}\n\n{table(rows)}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# The changes


def _jpeg(quality: int) -> Callable[[Any, Any], Any]:
    def change(image: Any, rng: Any) -> Any:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file))

    return change


def _levels(factor: float, offset: float = 0.0) -> Callable[[Any, Any], Any]:
    return lambda image, rng: np.clip(np.rint(image * factor + offset), 0, 255).astype(np.uint8)


def _contrast(factor: float) -> Callable[[Any, Any], Any]:
    return lambda image, rng: _levels(factor, (1 - factor) * image.mean())(image, rng)


def _shift(down: int, across: int, fill: str) -> Callable[[Any, Any], Any]:
    def change(image: Any, rng: Any) -> Any:
        height, width = image.shape
        wide = np.pad(image, 1, mode="edge")
        if fill == "noise":
            wide = rng.integers(0, 256, wide.shape, dtype=np.uint8)
            wide[1:-1, 1:-1] = image
        return wide[1 - down : 1 - down + height, 1 - across : 1 - across + width]

    return change


def _resized(image: Any, rng: Any) -> Any:
    small = Image.fromarray(image).resize((40, 40), Image.Resampling.LANCZOS)
    return np.asarray(small.resize(image.shape[::-1], Image.Resampling.BICUBIC))


def _all_three(image: Any, rng: Any) -> Any:
    return _jpeg(50)(_shift(1, 0, "edge")(_levels(1.1)(image, rng), rng), rng)


DIRECTIONS = {"down": (1, 0), "up": (-1, 0), "right": (0, 1), "left": (0, -1)}
CHANGES: dict[str, Callable[[Any, Any], Any]] = {
    **{f"JPEG, quality {quality}": _jpeg(quality) for quality in (20, 30, 40, 50, 75)},
    "brighter by 10 %": _levels(1.1),
    "darker by 10 %": _levels(0.9),
    "25 levels lighter": _levels(1.0, 25),
    "contrast x 1.2": _contrast(1.2),
    "contrast x 0.8": _contrast(0.8),
    **{f"a pixel {to}": _shift(*way, "edge") for to, way in DIRECTIONS.items()},
    **{f"a pixel {to}, noise enters": _shift(*way, "noise") for to, way in DIRECTIONS.items()},
    "a pixel down and right": _shift(1, 1, "edge"),
    "resized to 40 x 40 and back": _resized,
    "brighter, a pixel down, JPEG 50": _all_three,
}


# The made pairs


class Made:
    """Copies of some originals for each change, and the pairs that the originals are in alone."""

    def __init__(self, originals: Any, n_copies: int) -> None:
        rng = np.random.default_rng(0)
        self.originals = originals
        self.copies, self.sources = {}, {}
        for name, change in CHANGES.items():
            sources = rng.choice(len(originals), n_copies, replace=False)
            copies = np.stack([change(originals[source], rng) for source in sources])
            differ = (copies != originals[sources]).any(axis=(1, 2))
            self.copies[name], self.sources[name] = copies[differ], sources[differ]
        self.known, _ = near_duplicates(originals)
        self.group = first_connected(len(originals), self.known)

    def scores(self, name: str | None, threshold: float = 0.92) -> dict[str, object]:
        """Return recall and precision for a change, or for all of them together if None."""
        names = [*CHANGES] if name is None else [name]
        pairs, similarity = near_duplicates(self._images(names), threshold=threshold)
        return {"change": name or "all together", **self._judged(names, pairs, similarity)}

    def by_threshold(self) -> list[dict[str, object]]:
        """Return the scores of all changes together for several thresholds."""
        thresholds = (0.88, 0.9, 0.92, 0.94, 0.96)
        return [{"threshold": t} | self.scores(None, t) for t in thresholds]

    def of_imagehash(self) -> list[dict[str, object]]:
        """Return the scores of hashes of 64 bits, by the number of bits that may differ."""
        import imagehash

        images = self._images([*CHANGES])
        rows = []
        for name in ("phash", "dhash"):
            start = time.process_time()
            hashes = [getattr(imagehash, name)(Image.fromarray(image)).hash for image in images]
            words = np.packbits(np.stack(hashes).reshape(len(images), 64), axis=1).view(np.uint64)
            pairs, bits = _all_close_pairs(words.ravel(), 10)
            seconds = time.process_time() - start
            for most in (4, 6, 8, 10):
                close = bits <= most
                judged = self._judged([*CHANGES], pairs[close], 1 - bits[close] / 64)
                row = {"hash": name, "bits that may differ": most} | judged
                rows.append(row | {"CPU seconds": f"{seconds:.0f}"})
        return rows

    def draw(self, folder: Path) -> None:
        """Draw some of the pairs found among the originals alone, and all that are wrong."""
        folder.mkdir(parents=True, exist_ok=True)
        some = np.random.default_rng(0).permutation(len(self.known))[:200]
        _draw(self.originals, self.known[np.sort(some)], folder / "known.png")
        images = self._images([*CHANGES])
        pairs, _ = near_duplicates(images)
        right, known = self._right_and_known([*CHANGES], pairs)
        _draw(images, pairs[~right & ~known], folder / "wrong.png")

    def _images(self, names: list[str]) -> Any:
        return np.concatenate([self.originals, *(self.copies[name] for name in names)])

    def _right_and_known(self, names: list[str], pairs: Any) -> Any:
        n_originals = len(self.originals)
        source = np.concatenate([np.arange(n_originals), *(self.sources[name] for name in names)])
        one, other = source[pairs].T
        right = one == other
        return right, ~right & (self.group[one] == self.group[other])

    def _judged(self, names: list[str], pairs: Any, similarity: Any) -> dict[str, object]:
        """Compare pairs found among the originals and these copies with the made ones."""
        right, known = self._right_and_known(names, pairs)
        to_original = right & (pairs[:, 0] < len(self.originals))
        n_copies = sum(len(self.copies[name]) for name in names)
        return {
            "copies": n_copies,
            "recall": f"{to_original.sum() / n_copies:.4f}",
            "least similarity": f"{similarity[to_original].min():.3f}",
            "pairs": len(pairs),
            "right": right.sum(),
            "set aside": known.sum(),
            "wrong": (~right & ~known).sum(),
            "precision, strict": f"{right.mean():.4f}",
            "precision": f"{right.sum() / (~known).sum():.4f}",
        }


def _all_close_pairs(words: Any, most_bits: int) -> Any:
    pairs, bits = [], []
    for start in range(0, len(words), 500):
        differ = np.bitwise_count(words[start : start + 500, None] ^ words[None, start:])
        rows, columns = np.nonzero(differ <= most_bits)
        later = rows < columns
        pairs.append(np.stack([rows[later], columns[later]], axis=1) + start)
        bits.append(differ[rows[later], columns[later]].astype(int))
    return np.concatenate(pairs), np.concatenate(bits)


# The real ones


def _of_fer2013(images: Any, usage: Any) -> list[dict[str, object]]:
    """Count the groups that equal and nearly equal images connect, by where they stand."""
    copy_of = exact_duplicates(images)
    pairs, _ = near_duplicates(images)
    equal = np.stack([copy_of, np.arange(len(images))], axis=1)
    is_trained = usage == "train"
    stands_in_training = np.bincount(copy_of, weights=is_trained, minlength=len(images)) > 0
    is_like = stands_in_training.copy()
    for one, other in (pairs.T, pairs.T[::-1]):
        is_like[one[stands_in_training[other]]] = True
    rows = []
    for title, edges, shared in (
        ("equal", equal, stands_in_training),
        ("equal or nearly so", np.concatenate([equal, pairs]), is_like),
    ):
        groups = sets_of(first_connected(len(images), edges))
        in_training = [is_trained[group] for group in groups]
        rows.append(
            {
                "images that are": title,
                "groups": len(groups),
                "largest": max(len(group) for group in groups),
                "images in them": sum(len(group) for group in groups),
                "groups in Training only": sum(inside.all() for inside in in_training),
                "in PublicTest only": sum(not inside.any() for inside in in_training),
                "in both": sum(inside.any() and not inside.all() for inside in in_training),
                "images of PublicTest that have one in Training": int(
                    (shared[copy_of] & ~is_trained).sum()
                ),
            }
        )
    return rows


def _draw(images: Any, pairs: Any, path: Path) -> None:
    """Draw pairs, ten in a row."""
    height, width = 2 * images.shape[1], 4 * images.shape[2]
    sheet = Image.new("L", (10 * (width + 8), -(-len(pairs) // 10) * (height + 8)), 255)
    for k, pair in enumerate(pairs):
        beside = Image.fromarray(np.hstack(images[pair])).resize((width, height))
        sheet.paste(beside, (k % 10 * (width + 8), k // 10 * (height + 8)))
    sheet.save(path)


# Time and memory


def _growth(images: Any, repeats: int) -> list[dict[str, object]]:
    """Time the search in parts of the images, and in four times as many as there are.

    Mirrored and turned faces are other faces to the search.
    """
    four = [images, images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1]]
    order = np.random.default_rng(0).permutation(len(images))
    sets = {
        f"FER-2013, {name}": np.concatenate([part[order[: len(order) // share]] for part in parts])
        for name, share, parts in (
            ("a quarter", 4, four[:1]),
            ("half", 2, four[:1]),
            ("all", 1, four[:1]),
            ("all and mirrored", 1, four[:2]),
            ("all, mirrored and upside down", 1, four),
        )
    }
    noise = np.random.default_rng(0).normal(0, 3, (10_000, *images.shape[1:])).astype(np.float32)
    sets["one face with noise"] = np.clip(images[order[0]] + noise, 0, 255).astype(np.uint8)
    del noise
    return [_in_a_new_process(name, sets[name], repeats) for name in sets]


def _in_a_new_process(name: str, images: Any, repeats: int) -> dict[str, object]:
    """Return what `_timed` does; what this process has freed already would hide a growth."""
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, images)
        file.flush()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(_timed, (name, file.name, repeats))


def _timed(name: str, path: str, repeats: int) -> dict[str, object]:
    images = np.load(path)
    near_duplicates(images[:10])  # imports and the like
    walls, cpus, growths = [], [], []
    for _ in range(repeats):
        before = memory_mb()
        reset_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        pairs, _ = near_duplicates(images)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        growths.append(memory_mb("VmHWM") - before)
    groups = sets_of(first_connected(len(images), pairs))
    return {
        "images": len(images),
        "which": name,
        "seconds": f"{median(walls):.1f}",
        "CPU seconds": f"{median(cpus):.1f}",
        "ms CPU per image": f"{median(cpus) / len(images) * 1e3:.3f}",
        "memory, MB": f"{max(growths):.0f}",
        "pairs": len(pairs),
        "groups": len(groups),
        "largest group": max((len(group) for group in groups), default=0),
    }


if __name__ == "__main__":
    main()
