"""Copies of photos with what was found drawn on them: boxes, and a bar for each class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ferclassifier._files.writing import replacing
from ferclassifier._utils.printable import printable
from ferclassifier.photos._output_folder import check_no_photo
from ferclassifier.photos._rows import FoundFace, Outcome

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

    from ferclassifier.images._photos import Photo as Picture

    Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

_JPEG, _PNG = (".jpg", ".jpeg"), ".png"
_BOX, _BAR, _REST = (64, 224, 144), (64, 224, 144), (176, 176, 176)
_TEXT, _PANEL = (255, 255, 255), (0, 0, 0, 150)
# A face that is less high has a box and a name, but no bars, which would hide its neighbours.
_LEAST_HEIGHT = 64
# A crop is enlarged to so many pixels, to have room for bars beside it.
_CROP_SIDE = 240
_GAP, _LEAST_FONT = 4, 9
_LONGEST_NAME = 20


def write_annotated(
    picture: Picture, outcome: Outcome, classes: Sequence[Any], folder: Path
) -> Path:
    """Write a copy of a photo on which its faces and their expressions are drawn.

    Parameters
    ----------
    picture : Picture
        The photo, in the size in which faces were looked for: 2,016 pixels a side at most.
    outcome : Outcome
        What was found.
    classes : sequence of str or number
    folder : Path
        The copy gets the place below it that the photo has below what was given: as JPEG where it
        was one, or else as PNG. It has none of the data of the photo, such as where it was taken.

    Returns
    -------
    path : Path

    Raises
    ------
    OSError
        If nothing can be written there.
    ValueError
        If the photo itself stands there.
    """
    path = folder / _file_name(outcome.photo.inside)
    check_no_photo(path, outcome.photo)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = draw(picture, outcome.faces, classes)
    with replacing(path) as file:
        if path.suffix.lower() in _JPEG:
            image.save(file, "JPEG", quality=92)
        else:
            image.save(file, "PNG")
    return path


def draw(picture: Picture, faces: Sequence[FoundFace], classes: Sequence[Any]) -> Image.Image:
    """Draw faces, or that there are none, on a copy of a photo.

    Returns
    -------
    image : PIL.Image.Image
        In colours.
    """
    from PIL import Image, ImageDraw

    image = Image.fromarray(picture.pixels)
    names = names_on_photos(classes)
    if len(faces) == 1 and faces[0].box is None:
        return _beside(image, faces[0], names)
    scale = max(image.size) / max(picture.size)
    pen = ImageDraw.Draw(image, "RGBA")
    for face in sorted(faces, key=lambda face: _height(face), reverse=True):
        draw_face(pen, image.size, face, names, scale)
    if not faces:
        _write_label(pen, (4, 4), "no face", _font(max(14, min(image.size) // 30)))
    return image


def _file_name(inside: str) -> str:
    """Name the copy like the photo, with a suffix added unless it says PNG or JPEG already."""
    is_kept = PurePosixPath(inside).suffix.lower() in (*_JPEG, _PNG)
    return inside if is_kept else inside + _PNG


def _height(face: FoundFace) -> int:
    return 0 if face.box is None else face.box[3] - face.box[1]


def names_on_photos(classes: Sequence[Any]) -> list[str]:
    """Return the names of classes as far as there is room for them."""
    return [printable(name)[:_LONGEST_NAME] for name in classes]


def draw_face(
    pen: ImageDraw.ImageDraw,
    size: tuple[int, int],
    face: FoundFace,
    names: Sequence[str],
    scale: float = 1.0,
    *,
    prefix: str = "",
) -> None:
    """Draw the box of a face, what it shows, and a bar for each class.

    Parameters
    ----------
    pen : ImageDraw.ImageDraw
        In colours with transparency.
    size : tuple of (width, height)
        Of the picture.
    face : FoundFace
    names : sequence of str
        What `names_on_photos` gives.
    scale : float, default=1.0
        What its box is to be multiplied by.
    prefix : str, default=""
        What stands before its emotion.
    """
    left, top, right, bottom = (round(scale * n) for n in face.box or (0, 0, *size))
    height = bottom - top
    pen.rectangle((left, top, right, bottom), outline=_BOX, width=max(2, height // 60))
    best = max(range(len(names)), key=face.probabilities.__getitem__)
    font = _font(min(28, max(12, height // 9)))
    label = f"{prefix}{names[best]} {face.probabilities[best]:.2f}"
    label_height = _size_of(pen, label, font)[1] + 6
    _write_label(pen, (left, max(0, top - label_height)), label, font)
    if height < _LEAST_HEIGHT:
        return
    is_right = size[0] - right >= left or size[0] - right >= height
    room = (size[0] - right if is_right else left) - _GAP
    font = _largest_font(pen, names, height, room)
    width, panel_height = _panel_size(pen, names, font)
    x = min(right + _GAP, size[0] - width) if is_right else max(0, left - _GAP - width)
    y = max(0, min(top, size[1] - panel_height))
    _draw_bars(pen, (x, y), face, names, font)


def _beside(image: Image.Image, face: FoundFace, names: Sequence[str]) -> Image.Image:
    """Put the bars beside an image that is a face itself."""
    from PIL import Image, ImageDraw

    enlarged = max(1, round(_CROP_SIDE / max(image.size)))
    image = image.resize(
        (image.width * enlarged, image.height * enlarged), Image.Resampling.NEAREST
    )
    pen = ImageDraw.Draw(image)
    font = _largest_font(pen, names, image.height, image.width)
    width, height = _panel_size(pen, names, font)
    canvas = Image.new("RGB", (image.width + width, max(image.height, height)), "black")
    canvas.paste(image)
    _draw_bars(ImageDraw.Draw(canvas, "RGBA"), (image.width, 0), face, names, font)
    return canvas


def _largest_font(pen: ImageDraw.ImageDraw, names: Sequence[str], height: int, width: int) -> Font:
    """Return the font in which the bars fit a face of this height and the room beside it."""
    size = min(24, max(_LEAST_FONT, height // (len(names) + 4)))
    while size > _LEAST_FONT and _panel_size(pen, names, _font(size))[0] > width:
        size -= 1
    return _font(size)


def _panel_size(pen: ImageDraw.ImageDraw, names: Sequence[str], font: Font) -> tuple[int, int]:
    longest = max(_size_of(pen, name, font)[0] for name in names)
    line = _line_height(pen, font)
    return longest + 5 * line + 16, len(names) * line + 8


def _draw_bars(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    face: FoundFace,
    names: Sequence[str],
    font: Font,
) -> None:
    x, y = corner
    width, height = _panel_size(pen, names, font)
    line = _line_height(pen, font)
    pen.rectangle((x, y, x + width, y + height), fill=_PANEL)
    start = x + width - 5 * line - 4
    best = max(face.probabilities)
    for i, (name, share) in enumerate(zip(names, face.probabilities, strict=True)):
        middle = y + 4 + i * line + line // 2
        pen.text((x + 4, middle), name, fill=_TEXT, font=font, anchor="lm")
        end = start + round(5 * line * share)
        pen.rectangle(
            (start, middle - line // 4, max(end, start + 1), middle + line // 4),
            fill=_BAR if share == best else _REST,
        )


def _write_label(pen: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, font: Font) -> None:
    x, y = corner
    width, height = _size_of(pen, text, font)
    pen.rectangle((x, y, x + width + 6, y + height + 6), fill=_PANEL)
    pen.text((x + 3, y + 3 + height / 2), text, fill=_TEXT, font=font, anchor="lm")


def _line_height(pen: ImageDraw.ImageDraw, font: Font) -> int:
    return _size_of(pen, "Ag", font)[1] + 4


def _size_of(pen: ImageDraw.ImageDraw, text: str, font: Font) -> tuple[int, int]:
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font, anchor="lt")
    return round(right - left), round(bottom - top)


def _font(size: int) -> Font:
    """Return the font that comes with Pillow; it has Latin letters."""
    from PIL import ImageFont

    return ImageFont.load_default(size)
