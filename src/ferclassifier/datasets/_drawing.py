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

Array: TypeAlias = NDArray[np.floating]


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


# The order of the columns is that of Expression.
# fmt: off
_EXPRESSIONS = {
    #            raise  slope  arch  open  droop  curve  open  width  teeth  sneer
    "angry":    (-0.12,  0.60, 0.02, 0.10, -0.20, -0.12, 0.07, 0.44,  0.80,  0.00),
    "disgust":  (-0.06,  0.20, 0.02, 0.06,  0.00, -0.16, 0.10, 0.36,  0.40,  0.20),
    "fear":     ( 0.12, -0.40, 0.00, 0.22,  0.10, -0.12, 0.13, 0.50,  0.80,  0.00),
    "happy":    ( 0.04,  0.00, 0.10, 0.09, -0.05,  0.26, 0.17, 0.56,  1.00,  0.00),
    "sad":      ( 0.00, -0.45, 0.00, 0.10,  0.25, -0.20, 0.02, 0.36,  0.00,  0.00),
    "surprise": ( 0.22,  0.00, 0.14, 0.22,  0.00,  0.00, 0.28, 0.26,  0.00,  0.00),
    "neutral":  ( 0.00,  0.00, 0.05, 0.14,  0.00,  0.00, 0.02, 0.40,  0.00,  0.00),
}
# How far each of these strays at noise 1.
_SPREAD =       ( 0.04,  0.16, 0.03, 0.03,  0.08,  0.06, 0.03, 0.04,  0.16,  0.03)
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


_LOOKS = {
    "x": (-0.18, 0.18),
    "y": (-0.12, 0.12),
    "scale": (13.5, 17.5),
    "angle": (-0.25, 0.25),
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
    "skin": (0.45, 0.92),
    "hair": (0.02, 0.60),
    "background": (0.02, 0.98),
    "clothes": (0.05, 0.95),
    "glasses": (0.0, 1.0),
    "light_x": (-0.25, 0.25),
    "light_y": (-0.20, 0.20),
}
_SHARE_WITH_GLASSES = 0.15

# The standard deviation of the pixels' noise, at noise 1.
_PIXEL_NOISE = 0.07


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
        Scales how far the expressions stray, and the noise of the pixels.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_samples, 48, 48), uint8 in [0, 255]
    """
    expression = _sample_expression(emotions, labels, noise, rng)
    looks = _sample_looks(len(labels), rng)
    images = np.empty((len(labels), SIDE, SIDE), dtype=np.uint8)
    for start in range(0, len(labels), _BATCH):
        batch = slice(start, start + _BATCH)
        gray = _draw(
            Expression(*(values[batch] for values in expression)),
            Looks(*(values[batch] for values in looks)),
        )
        grain = rng.standard_normal(gray.shape, dtype=np.float32)
        gray += np.float32(noise * _PIXEL_NOISE) * grain
        images[batch] = np.rint(np.clip(gray, 0, 1) * 255)
    return images


def _sample_expression(
    emotions: Sequence[str], labels: NDArray[np.int64], noise: float, rng: np.random.Generator
) -> Expression:
    """Take the emotion at a strength that varies, and let each part stray by itself."""
    typical = np.array([_EXPRESSIONS[emotion] for emotion in emotions])[labels]
    neutral = np.array(_EXPRESSIONS["neutral"])
    faintness = rng.exponential(0.3, size=(len(labels), 1))
    strength = np.maximum(1 - noise * faintness, 0)
    strayed = noise * np.array(_SPREAD) * rng.standard_normal(typical.shape)
    parts = neutral + strength * (typical - neutral) + strayed
    expression = Expression(*map(_per_image, parts.T))
    either_side = _per_image(rng.choice([-1.0, 1.0], size=len(labels)))
    return expression._replace(
        eye_open=np.maximum(expression.eye_open, 0.02),
        mouth_open=np.maximum(expression.mouth_open, 0.01),
        mouth_width=np.maximum(expression.mouth_width, 0.1),
        sneer=expression.sneer * either_side,
    )


def _sample_looks(n_samples: int, rng: np.random.Generator) -> Looks:
    spans = (_LOOKS[name] for name in Looks._fields)
    return Looks(*(_per_image(rng.uniform(*span, size=n_samples)) for span in spans))


def _per_image(values: NDArray[np.float64]) -> Array:
    """Make one value for each image broadcast over its pixels."""
    return values.astype(np.float32)[:, np.newaxis, np.newaxis]


def _draw(expression: Expression, looks: Looks) -> Array:
    """Draw a batch of faces, from the back to the front."""
    x, y = _face_coordinates(looks)
    canvas = _Canvas(looks.background + np.zeros_like(x), looks.scale)
    _draw_head(canvas, x, y, looks)
    # The features turn with the head, and are the same on either side.
    x_turned = x - looks.yaw
    side = np.abs(x_turned)
    _draw_nose(canvas, x_turned, y, expression, looks)
    _draw_eyes(canvas, side, y, expression, looks)
    _draw_brows(canvas, side, y, expression, looks)
    _draw_glasses(canvas, side, y, looks)
    _draw_mouth(canvas, x_turned, y, expression, looks)
    lit: Array = canvas.gray * (1 + looks.light_x * x + looks.light_y * y)
    return lit


class _Canvas:
    """A batch of gray images onto which shapes are painted with smooth edges."""

    def __init__(self, gray: Array, scale: Array) -> None:
        self.gray = gray
        self.scale = scale

    def paint(
        self, distance: Array, tone: Array | float, opacity: Array | NDArray[np.bool_] | float = 1.0
    ) -> None:
        """Blend a tone in where the signed distance to the edge of a shape is negative."""
        cover = np.clip(0.5 - distance * self.scale, 0, 1)
        self.gray += cover * opacity * (tone - self.gray)


def _face_coordinates(looks: Looks) -> tuple[Array, Array]:
    """Give the pixels' places to the right of and below the middle of each head."""
    pixel = (np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2).reshape(1, 1, SIDE)
    x = pixel / looks.scale - looks.x
    y = (pixel / looks.scale - looks.y).swapaxes(1, 2)
    cos, sin = np.cos(looks.angle), np.sin(looks.angle)
    return cos * x + sin * y, cos * y - sin * x


def _ellipse(x: Array, y: Array, width: Array | float, height: Array | float) -> Array:
    """Approximate the signed distance to an ellipse around the origin."""
    radius = np.sqrt(np.square(x / width) + np.square(y / height))
    distance: Array = (radius - 1) * np.minimum(width, height)
    return distance


def _box(x: Array, y: Array, width: Array | float, height: Array | float) -> Array:
    """Approximate the signed distance to a rectangle around the origin."""
    distance: Array = np.maximum(np.abs(x) - width, np.abs(y) - height)
    return distance


def _shadow(looks: Looks) -> Array:
    return looks.skin * 0.35


def _highlight(looks: Looks) -> Array:
    tone: Array = np.maximum(looks.skin * 1.15, 0.75)
    return tone


def _draw_head(canvas: _Canvas, x: Array, y: Array, looks: Looks) -> None:
    shoulders = _ellipse(x, y - 2.3, 1.6, 1.25)
    neck = _box(x, y - 1.0, 0.45, 0.45)
    crown = _ellipse(x, y + 0.25, looks.hair_width, looks.head_height)
    locks = _box(x, y + 0.2, looks.hair_width, looks.hair_length + 0.2)
    head = _ellipse(x, y, looks.head_width, looks.head_height)
    fringe = np.maximum(head, y - looks.hairline + 0.15 * np.square(x))
    rounded = 1 + 0.12 * np.clip(-head, 0, 1)
    canvas.paint(shoulders, looks.clothes)
    canvas.paint(neck, looks.skin * 0.8)
    canvas.paint(np.minimum(crown, np.maximum(locks, -y - 0.2)), looks.hair)
    canvas.paint(head, looks.skin * rounded)
    canvas.paint(fringe, looks.hair)


def _draw_nose(canvas: _Canvas, x: Array, y: Array, expression: Expression, looks: Looks) -> None:
    side = np.abs(x)
    nostrils = _ellipse(x, y - 0.25, 0.15, 0.06)
    bridge = _box(x - 0.3 * looks.yaw - 0.06, y - 0.02, 0.03, 0.2)
    wrinkles = _box(side, np.abs(y + 0.12 + 0.3 * side) - 0.09, 0.2, 0.03)
    furrows = _box(side - 0.09, y + 0.5, 0.03, 0.13)
    canvas.paint(nostrils, _shadow(looks), opacity=0.6)
    canvas.paint(bridge, _shadow(looks), opacity=0.3)
    canvas.paint(wrinkles, _shadow(looks), opacity=np.clip(5 * np.abs(expression.sneer), 0, 1))
    canvas.paint(furrows, _shadow(looks), opacity=0.7 * np.clip(2 * expression.brow_slope, 0, 1))


def _draw_eyes(
    canvas: _Canvas, side: Array, y: Array, expression: Expression, looks: Looks
) -> None:
    outward = side - looks.eye_distance
    below = y + 0.22 - expression.eye_droop * outward
    eye = np.abs(below) - expression.eye_open * (1 - np.square(outward / looks.eye_width))
    iris = _ellipse(outward, below, 0.11, 0.11)
    canvas.paint(eye - 0.05, _shadow(looks))
    canvas.paint(eye, _highlight(looks))
    canvas.paint(np.maximum(eye, iris), _shadow(looks) * 0.3)


def _draw_brows(
    canvas: _Canvas, side: Array, y: Array, expression: Expression, looks: Looks
) -> None:
    outward = side - looks.eye_distance
    arch = expression.brow_arch * np.square(outward / 0.3)
    below = y + 0.55 + expression.brow_raise + expression.brow_slope * outward - arch
    brow = _box(outward, below, 0.3, looks.brow_thickness)
    canvas.paint(brow, np.minimum(looks.hair, _shadow(looks)))


def _draw_glasses(canvas: _Canvas, side: Array, y: Array, looks: Looks) -> None:
    rims = np.abs(_ellipse(side - looks.eye_distance, y + 0.2, 0.34, 0.3)) - 0.03
    bridge = _box(side, y + 0.25, 0.12, 0.03)
    canvas.paint(np.minimum(rims, bridge), 0.1, opacity=looks.glasses < _SHARE_WITH_GLASSES)


def _draw_mouth(canvas: _Canvas, x: Array, y: Array, expression: Expression, looks: Looks) -> None:
    across = x / expression.mouth_width
    squared = np.square(across)
    opening = expression.mouth_open * np.sqrt(np.clip(1 - squared, 0, None))
    bend = expression.mouth_curve * (squared - 0.4) + expression.sneer * across
    below = y - looks.mouth_y + bend
    mouth = np.maximum(np.abs(below) - opening, (np.abs(across) - 1) * expression.mouth_width)
    teeth = np.maximum(mouth, below + 0.1 * expression.mouth_open)
    canvas.paint(mouth - 0.06, _shadow(looks))
    canvas.paint(mouth, _shadow(looks) * 0.3)
    canvas.paint(teeth, _highlight(looks), opacity=np.clip(expression.teeth, 0, 1))
