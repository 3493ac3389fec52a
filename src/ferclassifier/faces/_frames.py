"""Where the crop of a face lies in its photo, so that it is framed as FER-2013's faces are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._faces import Face

# Where our detector sees the eyes, the nose and the mouth of FER-2013's faces: the medians of every
# eleventh face of Training, in shares of the crop's side. The command
#     python benchmarks/photos/eyes.py FER2013 --every 11
# gives them, with their spread: .04 to .05 of the eyes, whose distance is .364 ± .047 and which are
# tilted by 7.6 degrees (standard deviations). That the left eye stands higher is the detector's
# doing, and is so in photos too.
_REFERENCE = np.array([(0.313, 0.401), (0.682, 0.391), (0.504, 0.600), (0.509, 0.781)])
# How much each counts: the nose of a face that looks aside is elsewhere.
_WEIGHTS = np.array([1.0, 1.0, 0.5, 1.0])
# The box lies in the crop like this, by the same command: its side is .877 of the crop's, and its
# middle .081 of it below the crop's.
_SIDE_BY_BOX, _ABOVE_BOX = 1 / 0.877, 0.081 / 0.877
# A smile lifts the mouth, and surprise drops it, which is not to change the frame: the box counts
# more than the landmarks. These three numbers gave the best accuracy of faces that were pasted into
# pictures, found and cut out again (benchmarks/photos/pasted.py): how much the box counts, the side
# as a share of what comes out, and how much of a tilt stays, since people hold their heads tilted,
# and eyes are seen where they are not.
_OF_BOX, _TIGHTER, _TILT_KEPT = 0.6, 0.94, 0.4
_MOST_TILT_KEPT = np.radians(8)


class Frame(NamedTuple):
    """A square in a photo.

    Attributes
    ----------
    x, y : float
        Its centre, in pixels of the photo.
    side : float
        In pixels of the photo.
    angle : float
        By how many radians it is turned clockwise.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def scaled(self, factor: float) -> Frame:
        """Return the frame in a photo that is so many times as large."""
        return Frame(self.x * factor, self.y * factor, self.side * factor, self.angle)


def frame_of(
    face: Face, *, margin: float = 0.0, align: bool = True, box_is_ours: bool = True
) -> Frame:
    """Return the frame that shows a face as FER-2013 does.

    Parameters
    ----------
    face : Face
    margin : float, default=0.0
        What is added on each side, as a share of the frame's.
    align : bool, default=True
        Turn the frame with the face, so that it stands upright.
    box_is_ours : bool, default=True
        Whether the box is our detector's. Others mean other parts of a head by it, and it counts
        only where there are no landmarks.

    Returns
    -------
    Frame
    """
    landmarks = face.landmarks[: len(_REFERENCE)]
    known: NDArray[np.bool_] = np.isfinite(landmarks).all(axis=1)  # type: ignore[assignment]
    if not known[:2].all():
        frame = _around_box(face.box)
    else:
        frame = of_landmarks(landmarks, known)
        if box_is_ours:
            frame = _with_box(frame, face.box)
    tilt_kept = np.clip(_TILT_KEPT * frame.angle, -_MOST_TILT_KEPT, _MOST_TILT_KEPT)
    angle = float(frame.angle - tilt_kept) if align else 0.0
    return Frame(frame.x, frame.y, frame.side * (1 + 2 * margin), angle)


def of_landmarks(
    landmarks: NDArray[np.float32], known: NDArray[np.bool_] | slice = slice(None)
) -> Frame:
    """Lay the landmarks as near as possible onto those of FER-2013, by a turn, a zoom and a shift.

    Parameters
    ----------
    landmarks : ndarray of shape (4, 2)
        Eyes, nose and mouth.
    known : ndarray of shape (4,), bool
        Which of them to look at; all by default.

    Returns
    -------
    Frame

    Notes
    -----
    This is the weighted Procrustes problem in the plane, where points are complex numbers.
    """
    places = landmarks[known].astype(float) @ [1, 1j]
    reference, weights = _REFERENCE[known] @ [1, 1j], _WEIGHTS[known]
    middle, middle_reference = (np.average(z, weights=weights) for z in (places, reference))
    offsets = reference - middle_reference
    turn = np.sum(weights * offsets.conj() * (places - middle))
    turn /= np.sum(weights * np.abs(offsets) ** 2)
    centre = middle + turn * (0.5 + 0.5j - middle_reference)
    return Frame(centre.real, centre.imag, float(np.abs(turn)), float(np.angle(turn)))


def _with_box(frame: Frame, box: tuple[float, float, float, float]) -> Frame:
    """Mix a frame of landmarks with that of the box around them."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    middle = (left + right) / 2 + 1j * (top + bottom) / 2
    middle -= 1j * np.exp(1j * frame.angle) * _ABOVE_BOX * side
    middle = (1 - _OF_BOX) * complex(frame.x, frame.y) + _OF_BOX * middle
    mixed = frame.side ** (1 - _OF_BOX) * (side * _SIDE_BY_BOX) ** _OF_BOX
    return Frame(middle.real, middle.imag, _TIGHTER * mixed, frame.angle)


def _around_box(box: tuple[float, float, float, float]) -> Frame:
    """Take the square around the box of a detector of which nothing is known.

    FER-2013's crops are such squares, of another detector.
    """
    left, top, right, bottom = box
    return Frame((left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top))


def cut(
    pixels: NDArray[np.uint8], frame: Frame, size: tuple[int, int], channels: int
) -> NDArray[np.uint8]:
    """Cut a frame out of a photo.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        The photo. Beyond its edges, the pixels at the edge are repeated.
    frame : Frame
        In pixels of it.
    size : tuple of (height, width)
        Of the crop. One that is no square shows more, at its longer sides.
    channels : {1, 3}
        1 gives gray.

    Returns
    -------
    ndarray of shape (height, width, channels), uint8
    """
    from PIL import Image

    height, width = size
    step = max(frame.side / min(size), 1e-3)  # pixels of the photo for each of the crop
    # Several places for each pixel of the crop, of which a filter makes one.
    finer = max(1, int(np.ceil(step)))
    turn = step / finer * np.exp(1j * frame.angle)
    corner = frame.x + 1j * frame.y - turn * finer * (width + 1j * height) / 2
    region, origin = _region(pixels, frame, max(size) / min(size))
    corner -= complex(*origin)
    affine = (turn.real, -turn.imag, corner.real, turn.imag, turn.real, corner.imag)
    crop = Image.fromarray(region).transform(
        (width * finer, height * finer),
        Image.Transform.AFFINE,
        affine,
        Image.Resampling.BICUBIC,
    )
    if channels == 1:
        crop = crop.convert("L")
    if finer > 1:
        crop = crop.resize((width, height), Image.Resampling.LANCZOS)
    return np.array(crop, dtype=np.uint8).reshape(height, width, channels)


def _region(
    pixels: NDArray[np.uint8], frame: Frame, stretch: float
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return the part of a photo around a frame, with its edges repeated, and where it begins."""
    reach = frame.side * stretch * 0.75 + 3  # half of the diagonal of a square is 0.71
    height, width = pixels.shape[:2]
    left, top = int(np.floor(frame.x - reach)), int(np.floor(frame.y - reach))
    right, bottom = int(np.ceil(frame.x + reach)), int(np.ceil(frame.y + reach))
    rows = np.clip(np.arange(top, bottom), 0, height - 1)
    columns = np.clip(np.arange(left, right), 0, width - 1)
    if left >= 0 and right <= width and top >= 0 and bottom <= height:
        return pixels[top:bottom, left:right], (left, top)
    return pixels[np.ix_(rows, columns)], (left, top)
