"""The random changes of :mod:`ferclassifier.augmentation` on arrays, without Keras.

They are those of the network's own layer: mirror image, rotation, zoom and shift in one affine
warp with one interpolation, then contrast and brightness, then erasing. Copies have the levels that
the images have: another range or other levels would tell them from originals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.augmentation import AugmentationStrength
from ferclassifier.images._arrays import parts_of
from ferclassifier.images._displayable import scale_as_shown

# For arrays of more than 128 KiB the allocator asks the system for new pages again and again, which
# takes as long as all the arithmetic.
_PIXELS_PER_BLOCK = 2**14


def change_images(
    images: NDArray[Any],
    rows: NDArray[np.intp],
    strength: AugmentationStrength,
    rng: np.random.RandomState,
    out: NDArray[Any],
) -> None:
    """Write randomly changed copies of some images into an array.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)
        Bytes stay in [0, 255], and floats in [0, 1] stay there; other pixels stay between the
        smallest and the largest of all images. Whole numbers stay whole, of any dtype, and
        quotients of bytes by 255 stay such.
    rows : ndarray of shape (n_copies,), int
        The image that each copy is made of.
    strength : AugmentationStrength
    rng : RandomState
    out : ndarray of shape (n_copies, height, width, channels)
        Receives the copies, in the dtype of `images`.
    """
    changes = _Changes.draw(len(rows), strength, images.shape[1:3], rng)
    levels = _Levels.of(images)
    dtype = np.result_type(images.dtype, np.float32)
    size = max(1, _PIXELS_PER_BLOCK // (images.shape[1] * images.shape[2]))
    for start in range(0, len(rows), size):
        block = slice(start, start + size)
        changed = images[rows[block]].astype(dtype)
        drawn = changes.of(block)
        if strength.warps:
            changed = _warp(changed, drawn)
        if strength.contrast or strength.brightness:
            changed = _change_light(changed, drawn)
        if strength.erasing:
            changed = _erase(changed, drawn)
        levels.restore(changed)
        out[block] = changed


@dataclass(frozen=True)
class _Levels:
    """The levels that pixels have.

    Attributes
    ----------
    low, high : float
    n_per_unit : int or None
        How many of them there are between 0 and 1, of whole numbers and of quotients of bytes;
        None where there may be any.
    """

    low: float
    high: float
    n_per_unit: int | None

    @classmethod
    def of(cls, images: NDArray[Any]) -> _Levels:
        scale = scale_as_shown(images)
        low, high = scale.ends
        if images.dtype.kind in "iu" or _all_near(images, 1, 0.0):
            return cls(low, high, 1)
        is_of_bytes = scale.kind == "unit" and _all_near(
            images, 255, 255 * float(np.finfo(images.dtype).eps)
        )
        return cls(low, high, 255 if is_of_bytes else None)

    def restore(self, pixels: NDArray[Any]) -> None:
        """Bring pixels to the nearest of the levels, in place."""
        np.clip(pixels, self.low, self.high, out=pixels)
        if self.n_per_unit is not None:
            pixels *= self.n_per_unit
            np.rint(pixels, out=pixels)
            pixels /= self.n_per_unit


def _all_near(images: NDArray[Any], factor: int, tolerance: float) -> bool:
    """Whether a multiple of each pixel is a whole number; the first part tells it if not."""

    def is_near(pixels: NDArray[Any]) -> bool:
        multiples = pixels * np.float64(factor)
        return bool((np.abs(multiples - np.rint(multiples)) <= tolerance).all())

    return all(is_near(images[part]) for part in parts_of(images))


@dataclass(frozen=True)
class _Changes:
    """What has been drawn, a value per image.

    Attributes
    ----------
    linear : ndarray of shape (n, 2, 2)
        The map from a place in the result to one in the source, about the image's centre.
    shift : ndarray of shape (n, 2)
        Down and right, in pixels.
    contrast, brightness : ndarray of shape (n,)
        A factor, and an offset in standard deviations of the image.
    is_erased : ndarray of shape (n,), bool
    erased_centre, erased_half : ndarray of shape (n, 2)
        Of the erased rectangle, as fractions of the sides.
    """

    linear: NDArray[Any]
    shift: NDArray[Any]
    contrast: NDArray[Any]
    brightness: NDArray[Any]
    is_erased: NDArray[Any]
    erased_centre: NDArray[Any]
    erased_half: NDArray[Any]

    @classmethod
    def draw(
        cls,
        n: int,
        strength: AugmentationStrength,
        sides: tuple[int, ...],
        rng: np.random.RandomState,
    ) -> _Changes:
        s = strength
        angle = np.deg2rad(rng.uniform(-s.rotation, s.rotation, n))
        zoom = rng.uniform(1 - s.zoom, 1 + s.zoom, n)
        mirror = np.where(rng.uniform(size=n) < s.flip, -1.0, 1.0)
        shift = rng.uniform(-s.shift, s.shift, (n, 2)) * sides
        cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
        return cls(
            linear=np.stack([cos, sin * mirror, -sin, cos * mirror], axis=1).reshape(n, 2, 2),
            shift=shift if s.interpolates else np.rint(shift),
            contrast=rng.uniform(1 - s.contrast, 1 + s.contrast, n),
            brightness=rng.uniform(-s.brightness, s.brightness, n),
            is_erased=rng.uniform(size=n) < s.erasing,
            erased_centre=rng.uniform(size=(n, 2)),
            erased_half=rng.uniform(0.05, 0.2, (n, 2)),
        )

    def of(self, block: slice) -> _Changes:
        return _Changes(*(values[block] for values in vars(self).values()))


def _warp(images: NDArray[Any], changes: _Changes) -> NDArray[Any]:
    """Interpolate bilinearly; what lies outside is the nearest pixel of the border."""
    n, height, width, channels = images.shape
    y, top = _places(changes, 0, images)
    x, left = _places(changes, 1, images)
    top *= width
    top += left
    top += np.arange(0, n * height * width, height * width)[:, None]
    right, down = int(width > 1), width * (height > 1)
    warped = np.empty_like(images)
    for channel in range(channels):
        pixels = np.ascontiguousarray(images[..., channel]).ravel()
        # Shifted views of the pixels: one array of indices serves the four corners. None of them
        # is past an end, and "wrap" is the mode that looks at it least.
        here, right_of, below, below_right = (
            pixels[offset:].take(top, mode="wrap") for offset in (0, right, down, down + right)
        )
        upper, lower = _between(here, right_of, x), _between(below, below_right, x)
        warped[..., channel] = _between(upper, lower, y).reshape(n, height, width)
    return warped


def _places(
    changes: _Changes, axis: int, images: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return where along an axis each pixel of the result comes from.

    Returns
    -------
    share : ndarray of shape (n, pixels), in [0, 1]
        The place between a pixel of the source and the next.
    before : ndarray of shape (n, pixels), int
        That pixel; never the last, which has none behind it.
    """
    n, *sides = images.shape[:3]
    centre = (np.array(sides) - 1) / 2
    coefficients = changes.linear[:, axis]
    origin = centre[axis] + changes.shift[:, axis] - coefficients @ centre
    down, right = (coefficients[:, i, None] * np.arange(side) for i, side in enumerate(sides))
    down += origin[:, None]
    places = down.astype(images.dtype)[:, :, None] + right.astype(images.dtype)[:, None, :]
    share = places.reshape(n, -1)
    np.clip(share, 0, sides[axis] - 1, out=share)
    before = np.floor(share)
    np.minimum(before, max(sides[axis] - 2, 0), out=before)
    share -= before
    return share, before.astype(np.intp)


def _between(first: NDArray[Any], second: NDArray[Any], share: NDArray[Any]) -> NDArray[Any]:
    second -= first
    second *= share
    second += first
    return second


def _change_light(images: NDArray[Any], changes: _Changes) -> NDArray[Any]:
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    factor = _per_image(changes.contrast, images.dtype)
    offset = _per_image(changes.brightness, images.dtype)
    images -= mean
    deviation = np.sqrt(np.square(images).mean(axis=(1, 2, 3), keepdims=True))
    images *= factor
    images += mean + offset * deviation
    return images


def _erase(images: NDArray[Any], changes: _Changes) -> NDArray[Any]:
    """Replace a rectangle of an image by the image's mean."""
    inside = changes.is_erased[:, None, None]
    for axis, side in enumerate(images.shape[1:3]):
        centre = changes.erased_centre[:, axis, None] * side
        half = changes.erased_half[:, axis, None] * side
        interval = np.abs(np.arange(side) - centre) < half
        inside = inside & np.expand_dims(interval, 2 - axis)
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    return np.where(inside[..., None], mean, images)


def _per_image(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    return values.astype(dtype)[:, None, None, None]
