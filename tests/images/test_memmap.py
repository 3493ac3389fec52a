"""A pass over a numpy.memmap leaves none of its pages in memory, whatever reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier import (
    FERVotingClassifier,
    HistogramEqualizer,
    ImageAugmenter,
    ImageResizer,
    PixelScaler,
)
from ferclassifier.audit import audit_images
from ferclassifier.images._displayable import displayable
from ferclassifier.inspection import saliency
from ferclassifier.metrics import emotion_report
from helpers import patterns, tiny_classifier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/smaps")

X, Y = patterns(n_samples=3000)


def resident_bytes(path: Path) -> int:
    """What this process holds in memory of the maps of a file."""
    is_of_file, held = False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, *rest = line.split(maxsplit=5)
        if not name.endswith(":"):
            is_of_file = rest[-1] == str(path)
        elif is_of_file and name == "Rss:":
            held += 1024 * int(rest[0])
    return held


@pytest.fixture(params=["uint8", "float32"])
def mapped(request: Any, tmp_path: Path) -> Any:
    path = tmp_path / "X"
    images = X if request.param == "uint8" else X / np.float32(255)
    images.tofile(path)
    return np.memmap(path, dtype=request.param, mode="r", shape=X.shape)


@pytest.fixture(scope="module")
def classifiers() -> dict[str, Any]:
    return {
        "uint8": tiny_classifier(epochs=1).fit(X[:60], Y[:60]),
        "float32": tiny_classifier(epochs=1).fit(X[:60] / np.float32(255), Y[:60]),
    }


def explained(method: Any) -> Callable[[Any, Any], Any]:
    return lambda clf, images: saliency(clf, images[:200], method, patch_size=12)


PASSES: dict[str, Callable[[Any, Any], Any]] = {
    "fit": lambda clf, images: tiny_classifier(epochs=1).fit(images, Y),
    "validation": lambda clf, images: tiny_classifier(epochs=1).fit(
        X[:60] if images.dtype == np.uint8 else X[:60] / np.float32(255),
        Y[:60],
        X_val=images,
        y_val=Y,
    ),
    "predict": lambda clf, images: clf.predict(images),
    "predict_proba": lambda clf, images: clf.predict_proba(images.reshape(len(images), -1)),
    "predict some": lambda clf, images: clf.predict(images[100:2100]),
    "score": lambda clf, images: clf.score(images, Y),
    "calibrate": lambda clf, images: clf.calibrate(images, Y),
    "ensemble": lambda clf, images: FERVotingClassifier.from_fitted([("one", clf)]).predict(images),
    "gradcam": explained("gradcam"),
    "gradient": explained("gradient"),
    "occlusion": explained("occlusion"),
    "scaler": lambda clf, images: PixelScaler("standard").fit_transform(images),
    "equalizer": lambda clf, images: HistogramEqualizer().fit_transform(images),
    "resizer": lambda clf, images: ImageResizer((8, 8)).fit_transform(images),
    "augmenter": lambda clf, images: ImageAugmenter().fit_resample(images, Y),
    "display": lambda clf, images: displayable(images),
    "audit": lambda clf, images: audit_images(images, Y),
    "report": lambda clf, images: emotion_report(
        Y[:60], np.full((60, 3), 1 / 3), images=images[:60], train_images=images
    ),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", PASSES)
def test_no_page_stays(name: str, mapped: Any, classifiers: Any) -> None:
    """Everything but fit kept all it had read, so that memory grew by the size of the data."""
    PASSES[name](classifiers[str(mapped.dtype)], mapped)
    assert resident_bytes(Path(mapped.filename)) < 0.05 * mapped.nbytes


def test_the_measure_sees_what_is_read(mapped: Any) -> None:
    mapped.max()
    assert resident_bytes(Path(mapped.filename)) > 0.9 * mapped.nbytes
