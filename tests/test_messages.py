"""No message is longer than a screen: of what a user gave, some 80 characters are quoted."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier import (
    AugmentingOverSampler,
    FERClassifier,
    FERVotingClassifier,
    HistogramEqualizer,
    ImageAugmenter,
    ImageReader,
    ImageResizer,
    PixelScaler,
    load_fer2013,
    load_image_folder,
)
from ferclassifier.audit import audit_images
from ferclassifier.exceptions import DataError
from ferclassifier.images import read_image
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    FaceGridDisplay,
    most_confident_mistakes,
    saliency,
)
from ferclassifier.metrics import emotion_report, wilson_interval
from ferclassifier.report import evaluation_report
from helpers import patterns, tiny_classifier

X, Y = patterns(12)
LONG = "a" * 9000
NAMES = np.array([f"{LONG}{label}" for label in Y])
MANY = np.arange(500)
PIXELS = " ".join(["70"] * 2304)
TABLE = pd.DataFrame({"emotion": Y, LONG: PIXELS, **{f"c{i}": Y for i in range(50)}})
PROBA = np.full((12, 3), 1 / 3)

CALLS: dict[str, Any] = {
    "fit, strings that are no pixels": lambda clf: clf.fit(pd.Series([PIXELS + " x"] * 12), Y),
    "fit, a table": lambda clf: clf.fit(TABLE, Y),
    "fit, an array of objects": lambda clf: clf.fit(TABLE.to_numpy(), Y),
    "fit, a list of rows": lambda clf: clf.fit(TABLE.to_numpy().tolist(), Y),
    "fit, a row": lambda clf: clf.fit(np.zeros(900), Y),
    "fit, a list of numbers": lambda clf: clf.fit([0.5] * 900, Y),
    "fit, labels of other lengths": lambda clf: clf.fit(X, np.tile(NAMES, 50)),
    "fit, a table of labels": lambda clf: clf.fit(X, TABLE),
    "fit, a weight for unknown classes": lambda clf: clf.set_params(
        class_weight=dict.fromkeys(NAMES, 1.0)
    ).fit(X, Y),
    "fit, validation of other labels": lambda clf: clf.fit(X, NAMES, X_val=X, y_val=MANY[:12]),
    "partial_fit, other labels": lambda clf: clf.partial_fit(X, NAMES, classes=MANY),
    "score, one-hot": lambda clf: fitted().score(X, PROBA),
    "calibrate, other labels": lambda clf: fitted().calibrate(X, NAMES),
    "predict, strings": lambda clf: fitted().predict([LONG]),
    "predict, a string": lambda clf: fitted().predict(PIXELS),
    "predict, crops": lambda clf: fitted().predict([np.zeros((9, 4 + i)) for i in range(99)]),
    "predict, reject_label": lambda clf: fitted().predict(X, reject_below=0.5, reject_label=NAMES),
    "predict, reject_below": lambda clf: fitted().predict(X, reject_below=NAMES),
    "voting": lambda clf: FERVotingClassifier([NAMES.tolist()] * 50).fit(X, Y),
    "voting, weights": lambda clf: FERVotingClassifier([("a", clf)], weights=MANY).fit(X, Y),
    "read_image": lambda clf: read_image(PIXELS),
    "read_image, size": lambda clf: read_image(b"", size=MANY.tolist()),
    "reader, a table": lambda clf: ImageReader().fit(TABLE),
    "reader, a path": lambda clf: ImageReader().transform([LONG]),
    "resizer, strings": lambda clf: ImageResizer().fit([LONG]),
    "equalizer, tiles": lambda clf: HistogramEqualizer("clahe", tile_grid=MANY.tolist()).fit(X),
    "augmenter, a row": lambda clf: ImageAugmenter().fit_resample(np.zeros(900), Y),
    "emotion_report": lambda clf: emotion_report(NAMES, PROBA, classes=["a", "b", "c"]),
    "emotion_report, classes": lambda clf: emotion_report(Y, PROBA, classes=NAMES),
    "wilson_interval": lambda clf: wilson_interval(2.0, n=10**900),
    "mistakes": lambda clf: most_confident_mistakes(Y, PROBA, true=LONG),
    "saliency": lambda clf: saliency(fitted(), X, target=LONG),
    "saliency, method": lambda clf: saliency(fitted(), X, LONG),  # type: ignore[arg-type]
    "faces": lambda clf: FaceGridDisplay.from_images(X, Y, n_faces=NAMES.tolist()),
    "distribution": lambda clf: ClassDistributionDisplay.from_labels(NAMES, classes=MANY),
    "audit, classes": lambda clf: audit_images(X, NAMES, classes=MANY),
    "audit, group": lambda clf: audit_images(X, groups=NAMES, train_group=LONG + "x"),
    "audit, estimator": lambda clf: audit_images(X, Y, estimator=NAMES),
    "audit, probabilities": lambda clf: audit_images(X, NAMES, y_proba=PROBA[:, :2]),
    "report": lambda clf: evaluation_report(fitted(), X, NAMES),
}
PARAMETERS: dict[str, Any] = {
    "classifier": FERClassifier(X),
    "epochs": FERClassifier(epochs=MANY),
    "callbacks": FERClassifier(callbacks=NAMES),
    "ensemble": FERVotingClassifier([("a", FERClassifier())], weights=LONG),
    "reader": ImageReader(on_error=MANY),
    "resizer": ImageResizer(resample=LONG),
    "scaler": PixelScaler(MANY),
    "equalizer": HistogramEqualizer(MANY),
}
_FITTED: list[Any] = []


def fitted() -> Any:
    if not _FITTED:
        _FITTED.append(tiny_classifier(epochs=1).fit(X, Y))
    return _FITTED[0]


@pytest.mark.parametrize("name", CALLS)
def test_a_message_fits_onto_a_screen(name: str) -> None:
    """Some held all pixels of an image, all labels, or an array of many lines."""
    with pytest.raises((ValueError, TypeError)) as caught:
        CALLS[name](tiny_classifier(epochs=1))
    assert_short(caught.value)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_message_of_a_parameter_fits_onto_a_screen(name: str) -> None:
    with pytest.raises(ValueError, match="parameter of") as caught:
        PARAMETERS[name].fit(X, Y)
    assert_short(caught.value)


@pytest.mark.parametrize("params", [{"strength": MANY}, {"random_state": LONG}])
@pytest.mark.parametrize("sampler", [AugmentingOverSampler, ImageAugmenter])
def test_a_message_of_a_sampler_fits_onto_a_screen(sampler: Any, params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="parameter of") as caught:
        sampler(**params).fit_resample(X, Y)
    assert_short(caught.value)


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
@pytest.mark.parametrize("name", ["../" + LONG, LONG + "/a/b/c.png", LONG + "/a.png"])
def test_a_name_in_an_archive_does_not_fill_the_screen(
    load: Any, name: str, tmp_path: Path
) -> None:
    """What is said of it has its beginning, and its end."""
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"")
    with pytest.raises(DataError) as caught:
        load(path)
    assert len(str(caught.value)) <= 1_000


def assert_short(error: BaseException) -> None:
    message = str(error)
    assert len(message) < 620, message
    assert message.count("\n") < 8
