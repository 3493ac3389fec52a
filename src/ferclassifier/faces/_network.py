"""MediaPipe's network for faces at full range, on onnxruntime."""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._onnx.session import open_session
from ferclassifier.faces._faces import LANDMARKS, Faces
from ferclassifier.faces._tiles import Tile

# The height and the width of what it sees, and of the grid of places it looks at.
SIDE = 192
_GRID = 48

_FILE = files("ferclassifier") / "faces" / "models" / "face_detection_full_range.onnx"
_LOADING = threading.Lock()
# A box may reach beyond a tile in which it was found by this share of its side. One that reaches
# further is a part of a face, and another tile holds all of it.
_BEYOND = 0.1


def faces_in(tile: Tile, threshold: float) -> Faces:
    """Find faces in a tile.

    Parameters
    ----------
    tile : Tile
        Of `SIDE` by `SIDE` pixels.
    threshold : float
        The least score.

    Returns
    -------
    Faces
        In pixels of the photo; several of one face may be among them.
    """
    values, logits = _outputs(tile.pixels)
    chosen = np.flatnonzero(logits > _logit(threshold))
    values = values[chosen]
    # Of each place: the centre and the sides of the box, then x and y of each landmark. The
    # centre and the landmarks are counted from the place.
    places = ((np.stack([chosen % _GRID, chosen // _GRID], axis=1) + 0.5) * (SIDE / _GRID))[:, None]
    centres, sides = values[:, None, :2] + places, values[:, None, 2:4]
    boxes = np.concatenate([centres - sides / 2, centres + sides / 2], axis=2)[:, 0]
    landmarks = values[:, 4:].reshape(-1, len(LANDMARKS), 2) + places
    scores = 1 / (1 + np.exp(-np.clip(logits[chosen], -80, 80)))
    found = Faces(boxes.astype(np.float32), landmarks.astype(np.float32), scores)
    return found.rows(~_are_cut(found, tile)).moved(tile.scale, (tile.left, tile.top))


def _outputs(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return 16 numbers and the logit of a score for each place of the grid, row by row."""
    with _LOADING:
        session = _session()
    values, logits = session.run(["boxes", "logits"], {"image": pixels[None]})
    return values[0], logits[0, :, 0]


@cache
def _session() -> Any:
    return open_session(_FILE.read_bytes(), n_threads=1)


def _logit(score: float) -> float:
    return -np.inf if score <= 0 else np.inf if score >= 1 else np.log(score / (1 - score))


def _are_cut(found: Faces, tile: Tile) -> NDArray[np.bool_]:
    """Tell which boxes reach beyond an edge of a tile where the photo goes on."""
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    beyond = np.concatenate([-found.boxes[:, :2], found.boxes[:, 2:] - SIDE], axis=1)
    shares = beyond / np.clip(np.concatenate([sides, sides], axis=1), 1e-6, None)
    return ((shares > _BEYOND) & np.array(tile.cut)).any(axis=1)
