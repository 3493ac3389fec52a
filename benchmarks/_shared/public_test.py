"""PublicTest, the images of it that Training holds too, and models that are scored on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

import ferclassifier
from ferclassifier import EMOTIONS, load_fer2013
from ferclassifier._classifier.temperature import at_temperature, best_temperature
from ferclassifier._cli.model_files import read_any_model
from ferclassifier.audit import audit_images
from ferclassifier.metrics import expected_calibration_error
from ferclassifier.pretrained import list_pretrained, load_pretrained

PACKAGED = Path(ferclassifier.__file__).parent / "pretrained" / "models"


class PublicTest(NamedTuple):
    """The images that choose a model, and which of them a network may have seen.

    Attributes
    ----------
    images : ndarray of shape (n, 48, 48), uint8
    labels : ndarray of shape (n,), str
    subsets : dict of str to ndarray of bool
        The images that count: all, those without a copy in Training, those without a near
        duplicate there.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.str_]
    subsets: dict[str, NDArray[np.bool_]]


def public_test(data: str) -> PublicTest:
    """Read PublicTest, and find which of its images stand in Training."""
    faces = load_fer2013(data, subset="all")
    rows = np.isin(faces.usage, ["train", "validation"])
    images, labels, usage = faces.images[rows], faces.target[rows], faces.usage[rows]
    test = np.flatnonzero(usage == "validation")
    audit = audit_images(images, labels, groups=usage)
    copies = np.append(audit["across-groups"].indices, audit["constant"].indices)
    near = np.append(audit["near-across-groups"].indices, copies)
    return PublicTest(
        images[test],
        labels[test],
        {
            "all": np.ones(len(test), dtype=bool),
            "without_copies": ~np.isin(test, copies),
            "without_near_duplicates": ~np.isin(test, near),
        },
    )


def load(name: str) -> Any:
    """Return the released model or member of that name, or the one in that file."""
    if name in list_pretrained():
        return load_pretrained(name)
    return read_any_model(weights_of(name))


def weights_of(name: str) -> Path:
    """Return the file of a released network or member, or the one that the name is the path of."""
    packaged = PACKAGED / f"{name}.safetensors"
    return packaged if packaged.exists() else Path(name)


def names_of(classes: NDArray[Any]) -> NDArray[np.str_]:
    """Return the names of a model's classes, which may be the codes of FER-2013."""
    return classes if classes.dtype.kind == "U" else np.array(EMOTIONS)[classes]


def cross_calibrated(
    proba: NDArray[np.float32], labels: NDArray[np.str_], classes: NDArray[np.str_]
) -> tuple[NDArray[np.float32], list[float]]:
    """Return probabilities whose temperature was fitted on the other half of the images.

    Parameters
    ----------
    proba : ndarray of shape (n, n_classes), float32
    labels : ndarray of shape (n,), str
    classes : ndarray of shape (n_classes,), str
        The labels of the columns, in any order.

    Returns
    -------
    calibrated : ndarray of shape (n, n_classes), float32
    temperatures : list of float
        Those of the halves.
    """
    codes = (labels[:, np.newaxis] == classes).argmax(axis=1)
    calibrated, temperatures = np.empty_like(proba), []
    halves = StratifiedKFold(2, shuffle=True, random_state=0)
    for fitted, scored in halves.split(proba, codes):
        temperatures.append(best_temperature(proba[fitted], codes[fitted]))
        calibrated[scored] = at_temperature(proba[scored], temperatures[-1])
    return calibrated, temperatures


def calibration_error_by_chance(
    proba: NDArray[np.float32], n_draws: int = 1000
) -> tuple[float, float]:
    """Return the calibration error that these probabilities would have if they were exact.

    Chance alone keeps the bins of so many images from being exact. The labels are drawn from the
    probabilities themselves, again and again.

    Parameters
    ----------
    proba : ndarray of shape (n, n_classes), float32
    n_draws : int, default=1000

    Returns
    -------
    mean, largest : float
        The mean of the expected calibration error over the draws, and what 95 % of them stay below.
    """
    rng, classes = np.random.default_rng(0), np.arange(proba.shape[1])
    thresholds = np.cumsum(proba[:, :-1], axis=1)
    errors = [
        expected_calibration_error(
            (rng.random((len(proba), 1)) > thresholds).sum(axis=1), proba, classes=classes
        )
        for _ in range(n_draws)
    ]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))
