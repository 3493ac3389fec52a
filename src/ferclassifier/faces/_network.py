"""MediaPipe's networks for faces, on onnxruntime."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._onnx.session import open_session
from ferclassifier.faces._faces import LANDMARKS, Faces

# The sides of what the networks see are multiples of this.
STEP = 32

_FOLDER = files("ferclassifier") / "faces" / "models"


class Network:
    """A network that looks for a face around each place of a picture.

    Parameters
    ----------
    name : str
        Of its file.
    side : int
        The height and the width of the pictures that it was trained on. It is made of convolutions
        alone, and takes larger ones.
    grids : sequence of (step, k)
        Its places: k in the middle of each field of so many pixels, row by row; several such grids
        follow one another.

    Notes
    -----
    It is loaded when it is first used, once for all threads.
    """

    def __init__(self, name: str, side: int, grids: Sequence[tuple[int, int]]) -> None:
        self.side = side
        self._name = name
        self._grids = tuple(grids)
        self._session: Any = None
        self._loading = threading.Lock()

    def faces_in(self, pixels: NDArray[np.uint8], least_logit: float) -> tuple[Faces, Any]:
        """Find faces.

        Parameters
        ----------
        pixels : ndarray of shape (height, width, 3), uint8
            Height and width are multiples of `STEP`.
        least_logit : float
            The least score, as its log-odds.

        Returns
        -------
        faces : Faces
            In pixels; several of one face may be among them.
        logits : ndarray of shape (n,), float32
            The log-odds of their scores.
        """
        values, logits = self._outputs(pixels)
        chosen = np.flatnonzero(logits >= least_logit)
        places = _places(pixels.shape[:2], self._grids)[chosen, None]
        values, logits = values[chosen], logits[chosen]
        # The centre and the sides of the box, then x and y of each landmark. The centre and the
        # landmarks are counted from the place.
        centres, sides = values[:, None, :2] + places, values[:, None, 2:4]
        boxes = np.concatenate([centres - sides / 2, centres + sides / 2], axis=2)[:, 0]
        landmarks = values[:, 4:].reshape(-1, len(LANDMARKS), 2) + places
        return Faces(boxes, landmarks, probability(logits)), logits

    def _outputs(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return 16 numbers and the log-odds of a score for each place."""
        with self._loading:
            if self._session is None:
                content = (_FOLDER / f"{self._name}.onnx").read_bytes()
                self._session = open_session(content, n_threads=1)
        values, logits = self._session.run(["boxes", "logits"], {"image": pixels[None]})
        return values[0], logits[0, :, 0]


# Pictures have few sizes: those of the close looks, and those of the tiles of one camera.
@lru_cache(maxsize=64)
def _places(shape: tuple[int, ...], grids: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Return x and y of the middles of all fields of a picture, each k times, grid by grid."""
    places = []
    for step, k in grids:
        y, x = (np.arange(step / 2, length, step, dtype=np.float32) for length in shape)
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        places.append(np.repeat(grid.reshape(-1, 2), k, axis=0))
    return np.concatenate(places)


def probability(logits: Any) -> Any:
    """Return the probabilities of log-odds."""
    return 1 / (1 + np.exp(-np.clip(logits, -80, 80)))


FULL_RANGE = Network("face_detection_full_range", 192, [(4, 1)])
SHORT_RANGE = Network("face_detection_short_range", 128, [(8, 2), (16, 6)])
