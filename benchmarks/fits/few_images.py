"""What a released model keeps, and what it gains, where it is trained on a few images more.

    python benchmarks/fits/few_images.py fer2013.csv

The images are PublicTest's, turned by 25 degrees, of which the model knows little. The first of
them train it, all of them at once or one by one; the others are scored as they are (what is kept)
and turned (what is gained). None of them trained the released model.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferclassifier import RECIPES, FERClassifier, load_fer2013, load_pretrained

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

DEGREES = 25
N_TRAINING = 500
EPOCHS = 10
ONE_BY_ONE = 20  # images at most


def main() -> None:
    """Print a table of accuracies."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--model", default="compact", help="a released model's name")
    parser.add_argument("--images", type=int, nargs="+", default=[5, 20, 100, 500])
    parser.add_argument("--rates", nargs="+", default=["auto", "0.0008"], help="learning rates")
    args = parser.parse_args()
    faces = load_fer2013(args.data, subset="validation")
    labels = faces.target
    order = with_all_classes_first(labels)
    X, y = faces.images[order], labels[order]
    turned = np.stack([turn(image) for image in X])
    scored = slice(N_TRAINING, None)
    before = load_pretrained(args.model)
    answers = before.predict(X[scored])

    def row(what: str, n_images: int, rate: object, clf: FERClassifier) -> dict[str, object]:
        now = clf.predict(X[scored])
        line = {
            "images": n_images,
            "trained by": what,
            "learning rate": rate,
            "labels kept": f"{np.mean(now == answers):.3f}",
            "accuracy as they are": f"{np.mean(now == y[scored]):.3f}",
            "accuracy turned": f"{clf.score(turned[scored], y[scored]):.3f}",
        }
        print(line, flush=True)
        return line

    architecture = {name: getattr(before, name) for name in ("architecture", "architecture_params")}
    rows = [row("nothing", 0, "", before)]
    for n in args.images:
        images, labels = turned[:n], y[:n]
        for given in args.rates:
            rate = given if given == "auto" else float(given)
            clf = load_pretrained(args.model).set_params(learning_rate=rate)
            rows.append(row("partial_fit", n, rate, clf.partial_fit(images, labels)))
            if n <= ONE_BY_ONE:
                clf = load_pretrained(args.model).set_params(learning_rate=rate)
                for i in range(n):
                    clf.partial_fit(images[i : i + 1], labels[i : i + 1])
                rows.append(row("partial_fit, one by one", n, rate, clf))
            clf = FERClassifier(
                **{**RECIPES["plain"], **architecture, "epochs": EPOCHS},
                initial_weights=args.model,
                learning_rate=rate,
                test_time_augmentation=before.test_time_augmentation,
                random_state=0,
            )
            if set(labels) == set(before.classes_):  # else its last layer would be drawn anew
                rows.append(row(f"fit, {EPOCHS} epochs", n, rate, clf.fit(images, labels)))
    print(f"\n{machine()}\n\n{table(rows)}")


def with_all_classes_first(labels: NDArray[Any]) -> NDArray[np.intp]:
    """Return a random order in which an image of each class comes before all others."""
    order = np.random.RandomState(0).permutation(len(labels))
    _, firsts = np.unique(labels[order], return_index=True)
    return np.concatenate([order[firsts], np.delete(order, firsts)])


def turn(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn a face about its middle; what comes in at the corners has its mean brightness."""
    picture = Image.fromarray(image)
    fill = int(image.mean())
    return np.asarray(picture.rotate(DEGREES, Image.Resampling.BILINEAR, fillcolor=fill))


if __name__ == "__main__":
    main()
