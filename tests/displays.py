"""What tests of displays share: faces, a classifier of them, and each of the displays drawn."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from sklearn.linear_model import LogisticRegression

from ferclassifier import EMOTIONS, make_faces
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    CoverageDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    ReliabilityDisplay,
    TrainingCurvesDisplay,
)

matplotlib.use("Agg")

SIDE = 24
FACES, LABELS = make_faces(80, n_classes=4, noise=1.0, random_state=0)
FACES = np.ascontiguousarray(FACES[:, ::2, ::2])
CODES = np.array([EMOTIONS.index(label) for label in LABELS])
ROWS = FACES.reshape(80, -1) / 255
CLF = LogisticRegression(C=0.01).fit(ROWS[:40], LABELS[:40])
PROBA = CLF.predict_proba(ROWS)
PREDICTED = CLF.predict(ROWS)
WRONG = np.flatnonzero(PREDICTED != LABELS)
HISTORY = {
    "loss": [1.9, 1.5, 1.2, 1.1],
    "accuracy": [0.25, 0.4, 0.5, 0.6],
    "val_loss": [1.8, 1.4, 1.3, 1.35],
    "val_accuracy": [0.3, 0.42, 0.55, 0.5],
    "learning_rate": [0.08, 0.06, 0.02, 0.0],
    "seconds": [9.0, 8.0, 8.0, 8.0],
}

# How to draw each of the displays.
DRAWN: dict[str, Callable[..., Any]] = {
    "faces": lambda **kw: FaceGridDisplay.from_estimator(CLF, ROWS, LABELS, random_state=0, **kw),
    "mistakes": lambda **kw: MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "classes": lambda **kw: ClassDistributionDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "reliability": lambda **kw: ReliabilityDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "coverage": lambda **kw: CoverageDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "training": lambda **kw: TrainingCurvesDisplay.from_history(HISTORY, best_epoch=3, **kw),
}


def new_figure(**kwargs: Any) -> Figure:
    """A figure that pyplot knows nothing of."""
    return Figure(layout="constrained", **kwargs)


def overlapping(artists: list[Any]) -> list[tuple[str, str]]:
    """Texts that lie on one another, in pixels of the figure as it is drawn."""
    if artists:
        artists[0].figure.draw_without_rendering()
    boxes = [(artist.get_text(), artist.get_window_extent()) for artist in artists]
    return [(a, b) for (a, box_a), (b, box_b) in combinations(boxes, 2) if box_a.overlaps(box_b)]


def texts(artists: list[Any]) -> list[str]:
    return [artist.get_text() for artist in artists]


def write_faces(folder: Path, rows: Any) -> list[str]:
    """Paths of all faces, of which only some exist."""
    paths = [str(folder / f"{i}.png") for i in range(len(FACES))]
    for i in rows:
        Image.fromarray(FACES[i]).save(paths[i])
    return paths
