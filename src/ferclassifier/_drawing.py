"""Drawn faces: mouth, brows and eyes carry the emotion, everything else varies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIDE = 48

# Shapes are drawn for this many faces at once: enough to hide the cost of a call, few enough to
# stay in the processor's cache.
_BATCH = 32

Array: TypeAlias = NDArray[np.float32]


class Expression(NamedTuple):
    """What carries the emotion. Lengths are in units of half the width of a head."""

    brow_raise: Array
    brow_slope: Array  # > 0 where the inner ends are pulled down
    brow_arch: Array
    eye_open: Array
    eye_droop: Array  # > 0 where the outer corners hang
    mouth_curve: Array  # > 0 where the corners are up
    mouth_open: Array
    mouth_width: Array
    teeth: Array
    sneer: Array  # one corner of the mouth up and the nose wrinkled


# fmt: off
_EXPRESSIONS = {
    #            raise  slope  arch  open  droop  curve  open  width  teeth  sneer
    "angry":    (-0.10,  0.50, 0.02, 0.10, -0.15, -0.06, 0.06, 0.40,  0.80,  0.00),
    "disgust":  (-0.06,  0.20, 0.02, 0.06,  0.00, -0.16, 0.10, 0.36,  0.40,  0.20),
    "fear":     ( 0.12, -0.40, 0.00, 0.22,  0.10, -0.12, 0.13, 0.50,  0.80,  0.00),
    "happy":    ( 0.04,  0.00, 0.10, 0.09, -0.05,  0.26, 0.14, 0.56,  1.00,  0.00),
    "sad":      ( 0.00, -0.45, 0.00, 0.10,  0.25, -0.20, 0.02, 0.36,  0.00,  0.00),
    "surprise": ( 0.22,  0.00, 0.14, 0.22,  0.00,  0.00, 0.28, 0.26,  0.00,  0.00),
    "neutral":  ( 0.00,  0.00, 0.05, 0.14,  0.00,  0.00, 0.02, 0.40,  0.00,  0.00),
}
# How far each of these strays at noise 1.
_SPREAD =       ( 0.10,  0.40, 0.08, 0.08,  0.20,  0.16, 0.08, 0.10,  0.40,  0.08)
# fmt: on


class Looks(NamedTuple):
    """What says nothing about the emotion. Tones are in [0, 1]."""

    x: Array
    y: Array
    scale: Array  # pixels in half the width of a head
    angle: Array  # in radians
    yaw: Array
    head_width: Array
    head_height: Array
    eye_distance: Array
    eye_width: Array
    mouth_y: Array
    brow_thickness: Array
    hairline: Array
    hair_width: Array
    hair_length: Array
    skin: Array
    hair: Array
    background: Array
    clothes: Array
    glasses: Array
    light_x: Array
    light_y: Array
    negative: Array


_LOOKS = {
    "x": (-0.22, 0.22),
    "y": (-0.15, 0.15),
    "scale": (12.5, 17.5),
    "angle": (-0.3, 0.3),
    "yaw": (-0.16, 0.16),
    "head_width": (0.90, 1.05),
    "head_height": (1.15, 1.35),
    "eye_distance": (0.38, 0.48),
    "eye_width": (0.20, 0.26),
    "mouth_y": (0.56, 0.70),
    "brow_thickness": (0.045, 0.085),
    "hairline": (-1.05, -0.75),
    "hair_width": (1.02, 1.30),
    "hair_length": (-0.3, 1.0),
    "skin": (0.40, 0.92),
    "hair": (0.02, 0.60),
    "background": (0.02, 0.98),
    "clothes": (0.05, 0.95),
    "glasses": (0.0, 1.0),
    "light_x": (-0.25, 0.25),
    "light_y": (-0.20, 0.20),
    "negative": (0.0, 1.0),
}
_SHARE_WITH_GLASSES = 0.15
_SHARE_NEGATIVE = 0.15


def draw_faces(
    emotions: Sequence[str], labels: NDArray[np.int64], *, noise: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a face for each label.

    Parameters
    ----------
    emotions : sequence of str
    labels : ndarray of shape (n_samples,), int64
        Codes into `emotions`.
    noise : float
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_samples, 48, 48), uint8 in [0, 255]
    """
    expression = _draw_expression(emotions, labels, noise, rng)
    looks = _draw_looks(len(labels), rng)
    images = np.empty((len(labels), SIDE, SIDE), dtype=np.uint8)
    for start in range(0, len(labels), _BATCH):
        batch = slice(start, start + _BATCH)
        gray = _draw(
            Expression(*(values[batch] for values in expression)),
            Looks(*(values[batch] for values in looks)),
        )
        gray += np.float32(0.25 * noise) * rng.standard_normal(gray.shape, dtype=np.float32)
        np.clip(gray, 0, 1, out=gray)
        images[batch] = gray * np.float32(255) + np.float32(0.5)
    return images


def _draw_expression(
    emotions: Sequence[str], labels: NDArray[np.int64], noise: float, rng: np.random.Generator
) -> Expression:
    typical = np.array([_EXPRESSIONS[emotion] for emotion in emotions])
    neutral = np.array(_EXPRESSIONS["neutral"])
    strength = 1 - noise * rng.uniform(-0.5, 1.5, size=(len(labels), 1))
    strayed = noise * np.array(_SPREAD) * rng.standard_normal((len(labels), len(_SPREAD)))
    values = neutral + strength * (typical[labels] - neutral) + strayed
    values[:, 9] *= rng.choice([-1, 1], size=len(labels))
    return Expression(*map(_column, values.T))


def _draw_looks(n_samples: int, rng: np.random.Generator) -> Looks:
    return Looks(
        **{name: _column(rng.uniform(*span, size=n_samples)) for name, span in _LOOKS.items()}
    )


def _column(values: NDArray[np.float64]) -> Array:
    """Make one value for each image broadcast over its pixels."""
    return values.astype(np.float32)[:, None, None]


def _draw(expression: Expression, looks: Looks) -> Array:
    """Draw a batch of faces, from the back to the front."""
    e = expression
    x, y = _face_coordinates(looks)
    feature_x = x - looks.yaw
    side = np.abs(feature_x)

    light = np.maximum(looks.skin * 1.15, 0.75)
    dark = looks.skin * 0.35
    canvas = _Canvas(looks.background + np.zeros_like(x), looks.scale)

    canvas.paint(_ellipse(x, y - 2.3, 1.6, 1.25), looks.clothes)
    canvas.paint(np.maximum(np.abs(x) - 0.45, np.abs(y - 1.0) - 0.45), looks.skin * 0.8)
    long_hair = np.maximum(np.abs(x) - looks.hair_width, np.abs(y + 0.2) - 0.2 - looks.hair_length)
    crown = _ellipse(x, y + 0.25, looks.hair_width, looks.head_height)
    canvas.paint(np.minimum(crown, np.maximum(long_hair, -y - 0.2)), looks.hair)

    head = _ellipse(x, y, looks.head_width, looks.head_height)
    canvas.paint(head, looks.skin * (1.0 + 0.12 * np.clip(-head, 0, 1)))
    canvas.paint(np.maximum(head, y - looks.hairline + 0.15 * x * x), looks.hair)

    # Nose
    canvas.paint(_ellipse(feature_x, y - 0.25, 0.15, 0.06), dark, opacity=0.6)
    canvas.paint(
        np.maximum(np.abs(feature_x - 0.3 * looks.yaw - 0.06) - 0.03, np.abs(y - 0.02) - 0.2), dark, opacity=0.3
    )
    wrinkled = np.clip(np.abs(e.sneer) * 5, 0, 1)
    canvas.paint(
        np.maximum(np.abs(np.abs(y + 0.12 + 0.3 * side) - 0.09) - 0.03, side - 0.2), dark, opacity=wrinkled
    )
    # furrows
    furrowed = np.clip(e.brow_slope * 2, 0, 1)
    canvas.paint(
        np.maximum(np.abs(side - 0.09) - 0.03, np.abs(y + 0.5) - 0.13), dark, opacity=0.7 * furrowed
    )

    # Eyes
    outward = side - looks.eye_distance
    height = np.maximum(e.eye_open, 0.02)
    v = y + 0.22 - e.eye_droop * outward
    bulge = 1 - np.square(outward / looks.eye_width)
    eye = np.abs(v) - height * bulge
    iris = _ellipse(outward, v, 0.11, 0.11)
    canvas.paint(eye - 0.05, dark)
    canvas.paint(eye, light)
    canvas.paint(np.maximum(eye, iris), dark * 0.3)

    # Brows
    brow_y = y + 0.52 + e.brow_raise - e.brow_slope * -outward * -1
    arch = e.brow_arch * np.square(outward / 0.3)
    brow = np.maximum(np.abs(y + 0.55 + e.brow_raise + e.brow_slope * outward - arch) - looks.brow_thickness, np.abs(outward) - 0.3)
    canvas.paint(brow, np.minimum(looks.hair, dark))

    glasses = np.abs(_ellipse(outward, y + 0.2, 0.34, 0.3)) - 0.03
    bridge = np.maximum(np.abs(y + 0.25) - 0.03, side - 0.12)
    canvas.paint(np.minimum(glasses, bridge), 0.1, opacity=looks.glasses < _SHARE_WITH_GLASSES)

    # Mouth
    across = feature_x / e.mouth_width
    squared = np.square(across)
    inside = np.sqrt(np.clip(1 - squared, 0, None))
    middle = y - looks.mouth_y + e.mouth_curve * (squared - 0.4) + e.sneer * across
    opening = np.maximum(e.mouth_open, 0.01)
    mouth = np.maximum(np.abs(middle) - opening * inside, (np.abs(across) - 1) * e.mouth_width)
    canvas.paint(mouth - 0.06, dark)
    canvas.paint(mouth, dark * 0.3)
    teeth = np.maximum(mouth, middle + 0.1 * opening)
    canvas.paint(teeth, light, opacity=np.clip(e.teeth, 0, 1))

    gray = canvas.gray
    gray *= 1 + looks.light_x * x + looks.light_y * y
    negative = looks.negative < _SHARE_NEGATIVE
    return np.where(negative, 1 - gray, gray)


class _Canvas:
    """A batch of gray images onto which shapes are painted with smooth edges."""

    def __init__(self, gray: Array, scale: Array) -> None:
        self.gray = gray
        self.scale = scale

    def paint(self, distance: Array, tone: Array | float, opacity: Array | float = 1.0) -> None:
        """Blend a tone in where the signed distance to a shape's edge is negative."""
        cover = 0.5 - distance * self.scale
        np.clip(cover, 0, 1, out=cover)
        cover *= opacity
        self.gray += cover * (tone - self.gray)


def _face_coordinates(looks: Looks) -> tuple[Array, Array]:
    """Give the pixels' places right of and below the middle of each head."""
    pixel = (np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2).reshape(1, 1, SIDE)
    x = pixel / looks.scale - looks.x
    y = (pixel / looks.scale - looks.y).swapaxes(1, 2)
    cos, sin = np.cos(looks.angle), np.sin(looks.angle)
    return cos * x + sin * y, cos * y - sin * x


def _ellipse(x: Array, y: Array, width: Array | float, height: Array | float) -> Array:
    """Approximate the signed distance to an ellipse around the origin."""
    radius = np.sqrt(np.square(x / width) + np.square(y / height))
    return (radius - 1) * np.minimum(width, height)
