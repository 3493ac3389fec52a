"""Nothing asks for a network but `fetch_fer2013`, and what is given by its address."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ferclassifier
from ferclassifier import FERClassifier, OnnxFERClassifier, load_pretrained, make_faces
from ferclassifier.audit import audit_images
from ferclassifier.exceptions import FetchError
from ferclassifier.export import export_onnx
from ferclassifier.inspection import saliency
from ferclassifier.metrics import emotion_report
from ferclassifier.report import audit_report, evaluation_report
from helpers import run, tiny_classifier
from no_network import NetworkUsedError, forbidden_network
from video_files import write_video


@pytest.fixture(autouse=True)
def refused() -> Iterator[list[str]]:
    """What a test has asked for; unless it is looked at, that has to be nothing."""
    with forbidden_network() as asked:
        yield asked
        assert asked == []


def _sent(kind: socket.SocketKind, do: Any) -> None:
    with socket.socket(type=kind) as made:
        do(made)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: urllib.request.urlopen("http://127.0.0.1:9", timeout=1),
        lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: _sent(socket.SOCK_DGRAM, lambda made: made.sendto(b"x", ("127.0.0.1", 9))),
        lambda: _sent(socket.SOCK_STREAM, lambda made: made.bind(("127.0.0.1", 0))),
    ],
)
def test_the_guard_refuses(ask: Any, refused: list[str]) -> None:
    with pytest.raises(NetworkUsedError):
        ask()
    assert len(refused) == 1
    refused.clear()


def test_models_are_fitted_saved_and_explained(
    fitted: FERClassifier, pattern_images: Any, tmp_path: Path
) -> None:
    X, y = pattern_images
    clf = tiny_classifier(epochs=1).fit(X, y)
    clf.save(tmp_path / "model.safetensors")
    again = FERClassifier.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    assert saliency(fitted, X[:2]).shape == (2, *X.shape[1:])
    export_onnx(fitted, tmp_path / "model.onnx")
    assert len(OnnxFERClassifier(tmp_path / "model.onnx").predict(X)) == len(X)


def test_models_are_scored_and_images_audited(fitted: FERClassifier, pattern_images: Any) -> None:
    X, y = pattern_images
    scores = emotion_report(y, fitted.predict_proba(X), classes=fitted.classes_)
    assert scores.n_images == len(X)
    assert "<html" in evaluation_report(fitted, X, y, n_mistakes=1).to_html()
    assert "<html" in audit_report(audit_images(X, y)).to_html()


def test_released_models_are_loaded() -> None:
    faces, _ = make_faces(2, random_state=0)
    assert load_pretrained("tiny").predict(faces).shape == (2,)
    assert ferclassifier.model_card("tiny").startswith("# Model card")


def test_faces_are_found_in_photos_and_videos(portrait: Path, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    result = run("predict", portrait, "--model", "tiny", "--csv", table)
    assert result.exit_code == 0, result.output
    assert len(table.read_text().splitlines()) == 2
    with Image.open(portrait) as image:
        frame = np.asarray(image.convert("RGB").resize((256, 300)))
    film = write_video(tmp_path / "film.mp4", [frame] * 3)
    told = run("video", film, "--model", "tiny", "--srt", tmp_path / "film.srt")
    assert told.exit_code == 0, told.output
    assert "1 face" in told.stdout


def test_what_is_given_by_its_address_and_fetched_does_ask(
    tmp_path: Path, refused: list[str]
) -> None:
    """So the guard sees those that may."""
    result = run("predict", "http://127.0.0.1:9/face.png", "--model", "tiny")
    assert result.exit_code != 0
    assert refused
    refused.clear()
    with pytest.raises((NetworkUsedError, FetchError)):
        ferclassifier.fetch_fer2013(data_home=tmp_path)
    assert refused
    refused.clear()
