"""What the audit finds in FER-2013, how long it takes, and how well it finds wrong labels.

    python benchmarks/insight/audit.py fer2013.csv

The audit of Training and PublicTest without label errors, then the same for parts of them and for
more images: mirrored, upside down and on their sides, of which none is a near duplicate of another.
Each audit runs in a process of its own; memory is the peak above the loaded arrays, which were
there before. Then 5 % of the Training labels are changed at random, and looked for with the
probabilities of cheap classifiers from 5 folds. `--pictures FOLDER` writes the first 100 images of
each finding, to be counted by eye. `--model` looks for wrong labels in PublicTest, and for changed
ones, with a model that was trained on Training: a released one's name, or a file.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ferclassifier import EMOTIONS, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table
from _shared.public_test import load, names_of

_SHARES = (0.25, 0.5, 1, 2, 4)
_FLIPPED = 0.05


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", help="a file of joblib.dump or save, or a name")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--only", choices=["findings", "speed", "labels"])
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/audit.csv"))
    parser.add_argument("--share", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.share:
        print(json.dumps(measure(args.data, args.share)))
        return
    if args.only in (None, "speed"):
        print(speed(args.data, args.repeats, args.results), "\n")
    if args.only in (None, "findings"):
        findings(args.data, args.model, args.pictures)
    if args.only in (None, "labels"):
        print(table(planted_labels(args.data, args.model)), "\n")
    print(machine())


def speed(data: str, repeats: int, results: Path) -> str:
    """Return the table of seconds and memory, and write it to a file."""
    rows = []
    for share in _SHARES:
        command = [sys.executable, __file__, data, "--share", str(share)]
        outputs = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for _ in range(repeats)
        ]
        runs = [json.loads(output.splitlines()[-1]) for output in outputs]
        n_images = runs[0]["images"]
        seconds = median(run["seconds"] for run in runs)
        rows.append(
            {
                "images": f"{n_images:,}",
                "seconds": f"{seconds:.1f}",
                "slowest": f"{max(run['seconds'] for run in runs):.1f}",
                "of the processor": f"{median(run['processor'] for run in runs):.1f}",
                "us per image": f"{1e6 * seconds / n_images:.0f}",
                "arrays, MB": f"{runs[0]['arrays']:.0f}",
                "above them, MB": f"{max(run['above'] for run in runs):.0f}",
            }
        )
    results.parent.mkdir(parents=True, exist_ok=True)
    with results.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return table(rows)


def measure(data: str, share: float) -> dict[str, float]:
    """Audit a share of the images and measure it."""
    from ferclassifier.audit import audit_images

    faces = load_fer2013(data, subset="all")
    images, labels, usage = enlarged(faces, share)
    del faces
    audit_images(images[:200], labels[:200])  # what is imported and set up once
    before = memory_mb()
    reset_peak()
    start, used = time.perf_counter(), time.process_time()
    audit = audit_images(images, labels, groups=usage)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    return {
        "images": audit.n_images,
        "seconds": seconds,
        "processor": used,
        "arrays": images.nbytes / 2**20,
        "above": memory_mb("VmHWM") - before,
    }


def enlarged(faces: Any, share: float) -> tuple[Any, Any, Any]:
    """Return a random part of the faces, or as many times as many."""
    labels = faces.target
    if share <= 1:
        n_images = round(share * len(labels))
        kept = np.sort(np.random.default_rng(0).permutation(len(labels))[:n_images])
        return faces.images[kept], labels[kept], faces.usage[kept]
    images = faces.images
    turned = [images, images[:, :, ::-1], images[:, ::-1], images.transpose(0, 2, 1)]
    times = int(share)
    return np.concatenate(turned[:times]), np.tile(labels, times), np.tile(faces.usage, times)


def findings(data: str, model: str | None, pictures: Path | None) -> None:
    """Print what is found, and write pictures of it."""
    from ferclassifier.audit import audit_images

    faces = load_fer2013(data, subset="all")
    y_proba, classes = None, np.array(EMOTIONS)
    if model is not None:
        clf = load(model)
        classes, tested = names_of(clf.classes_), faces.usage == "validation"
        y_proba = np.full((len(tested), len(classes)), np.nan)
        y_proba[tested] = clf.predict_proba(faces.images[tested])
    audit = audit_images(
        faces.images,
        faces.target,
        groups=faces.usage,
        classes=classes,
        y_proba=y_proba,
    )
    print(audit, "\n")
    for finding in audit.findings:
        print(finding, "\n")
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        for finding in audit.findings:
            display = audit.plot(finding.kind, n_images=100, n_columns=10)
            display.figure_.savefig(pictures / f"{finding.kind}.png", dpi=100)


def planted_labels(data: str, model: str | None) -> list[dict[str, object]]:
    """Return how many of the labels that were changed are found, by classifier."""
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from ferclassifier.audit import audit_images

    faces = load_fer2013(data, subset="train")
    labels, is_changed = with_wrong_labels(faces.target_codes)
    rows = []
    for classifier in (
        LogisticRegression(max_iter=1000),
        HistGradientBoostingClassifier(random_state=0),
    ):
        estimator = make_pipeline(PCA(64, whiten=True, random_state=0), classifier)
        audit = audit_images(faces.data, labels, estimator=estimator)
        name = f"64 PCA components, {type(classifier).__name__}"
        rows.append(
            row_of(name, len(labels), is_changed[audit["label-errors"].indices], is_changed)
        )
    if model is not None:
        rows.append(planted_in_public_test(data, model))
    return rows


def planted_in_public_test(data: str, model: str) -> dict[str, object]:
    """Change labels of PublicTest images of which no copy or near duplicate stands in Training."""
    from ferclassifier.audit import audit_images

    clf = load(model)
    faces = load_fer2013(data, subset="all")
    audit = audit_images(faces.images, groups=faces.usage)
    unseen = faces.usage == "validation"
    for kind in ("across-groups", "near-across-groups"):
        unseen[audit[kind].indices] = False
    images = faces.images[unseen]
    labels, is_changed = with_wrong_labels(faces.target_codes[unseen])
    audit = audit_images(
        images,
        np.array(EMOTIONS)[labels],
        classes=names_of(clf.classes_),
        y_proba=clf.predict_proba(images),
    )
    found = is_changed[audit["label-errors"].indices]
    return row_of("the model, on PublicTest", len(labels), found, is_changed)


def with_wrong_labels(codes: Any) -> tuple[Any, Any]:
    """Return the labels, some of them changed, and which these are."""
    rng = np.random.default_rng(0)
    changed = rng.choice(len(codes), round(_FLIPPED * len(codes)), replace=False)
    labels = codes.copy()
    labels[changed] = (labels[changed] + rng.integers(1, 7, len(changed))) % 7
    is_changed = np.zeros(len(labels), dtype=bool)
    is_changed[changed] = True
    return labels, is_changed


def row_of(name: str, n_images: int, found: Any, is_changed: Any) -> dict[str, object]:
    n_changed = int(is_changed.sum())
    return {
        "classifier": name,
        "images": f"{n_images:,}",
        "changed": f"{n_changed:,}",
        "reported": f"{len(found):,}",
        "of the changed": f"{found.sum() / n_changed:.0%}",
        "changed among the first 100": f"{found[:100].mean():.0%}",
        "among the first as many": f"{found[:n_changed].mean():.0%}",
        "among all reported": f"{found.mean():.0%}",
    }


if __name__ == "__main__":
    main()
