"""From photos to what their faces show: decoded, cut out, and asked in batches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError
from ferclassifier.faces._crops import crops_of
from ferclassifier.images._decoder import MAX_PIXELS, read_image
from ferclassifier.images._photos import Photo as Picture
from ferclassifier.images._photos import read_photo
from ferclassifier.photos._listing import Photo, is_address
from ferclassifier.photos._model import Model
from ferclassifier.photos._rows import FoundFace, Outcome

if TYPE_CHECKING:
    from ferclassifier.faces import Face

FACES = ("auto", "whole")

# The model is asked about so many faces at a time, or about fewer if these took a while to find.
_FACES_PER_BATCH = 64
_SECONDS_PER_BATCH = 0.3


class Options(NamedTuple):
    """How photos are read.

    Attributes
    ----------
    model : Model
        It goes along to other processes.
    faces : {"auto", "whole"}
        Whether to look for faces, or take every photo as one.
    max_pixels : int
    annotate : Path or None
        The folder for copies of the photos with what was found drawn on them.
    """

    model: Model
    faces: str = "auto"
    max_pixels: int = MAX_PIXELS
    annotate: Path | None = None


class _Cut(NamedTuple):
    """A photo whose faces have been cut out, or what is wrong with it."""

    photo: Photo
    faces: list[tuple[Face | None, NDArray[np.uint8]]]
    size: tuple[int, int] = (0, 0)
    picture: Picture | None = None
    error: str = ""


class Reader:
    """Reads photos with one model."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.model = options.model

    def read(self, photos: Iterable[Photo]) -> Iterator[Outcome]:
        """Yield what is found in each photo, in their order.

        Parameters
        ----------
        photos : iterable of Photo

        Yields
        ------
        outcome : Outcome
            With an `error` where the photo cannot be read.
        """
        waiting: list[_Cut] = []
        n_faces, since = 0, time.monotonic()
        for photo in photos:
            waiting.append(self._cut(photo))
            n_faces += len(waiting[-1].faces)
            is_late = time.monotonic() - since > _SECONDS_PER_BATCH
            if n_faces >= _FACES_PER_BATCH or is_late or self.options.annotate is not None:
                yield from self._asked(waiting)
                waiting, n_faces, since = [], 0, time.monotonic()
        yield from self._asked(waiting)

    def _cut(self, photo: Photo) -> _Cut:
        if photo.fault:
            return _Cut(photo, [], error=photo.fault)
        try:
            source = source_of(photo)
            if self.options.faces == "whole":
                return self._whole(photo, source)
            picture = read_photo(source, max_pixels=self.options.max_pixels)
            height, width, channels = self.model.image_shape
            faces = crops_of(picture, size=(height, width), channels=channels)
            return _Cut(photo, faces, picture.size, picture if self.options.annotate else None)
        except ImageError as error:
            return _Cut(photo, [], error=message_of(photo, error))

    def _whole(self, photo: Photo, source: Any) -> _Cut:
        height, width, channels = self.model.image_shape
        crop = read_image(
            source, size=(height, width), channels=channels, max_pixels=self.options.max_pixels
        )
        picture = None
        if self.options.annotate:
            picture = read_photo(source, max_pixels=self.options.max_pixels)
        return _Cut(photo, [(None, crop.reshape(height, width, channels))], picture=picture)

    def _asked(self, cuts: list[_Cut]) -> Iterator[Outcome]:
        crops = [crop for cut in cuts for _, crop in cut.faces]
        shares = iter(self.model.predict_proba(np.stack(crops)).tolist() if crops else ())
        for cut in cuts:
            found = tuple(_found(face, cut.size, next(shares)) for face, _ in cut.faces)
            outcome = Outcome(cut.photo, found, cut.error)
            if cut.picture is not None:
                self._draw(outcome, cut.picture)
            yield outcome

    def _draw(self, outcome: Outcome, picture: Picture) -> None:
        from ferclassifier.photos._drawing import write_annotated

        assert self.options.annotate is not None
        write_annotated(picture, outcome, self.model.classes, self.options.annotate)


def source_of(photo: Photo) -> Any:
    """Return what the photo can be decoded from, and what it is called in messages."""
    if isinstance(photo.place, str) and not is_address(photo.place):
        return {"path": photo.place, "bytes": None}
    content = photo.place
    if isinstance(content, str):
        from ferclassifier.photos._fetching import fetch_photo

        content = fetch_photo(content)
    file = _NamedBytes(content)
    file.name = photo.name
    return file


class _NamedBytes(BytesIO):
    """The content of a photo that is no file."""

    name: str


def message_of(photo: Photo, error: ImageError) -> str:
    """Return a message that calls the photo as its user does."""
    message, place = str(error.args[0]), str(photo.place)
    return photo.name + message.removeprefix(place) if message.startswith(place) else message


def _found(face: Face | None, size: tuple[int, int], shares: list[float]) -> FoundFace:
    """Return a face with its box in whole pixels of the photo, of this height and width."""
    if face is None:
        return FoundFace(None, None, tuple(shares))
    left, top, right, bottom = map(round, face.box)
    height, width = size
    box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    return FoundFace(box, face.score, tuple(shares))
