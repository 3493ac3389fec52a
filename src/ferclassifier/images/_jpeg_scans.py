"""How often a JPEG file goes over its pixels.

A progressive file refines them scan by scan, ten times as a rule. Of an image of 50 million pixels
a scan takes 20 ms, but only 12 bytes: a file of 20 MB could take hours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ferclassifier.exceptions import ImageError

if TYPE_CHECKING:
    from PIL import ImageFile

_MOST_SCANS = 100
_SCAN = b"\xff\xda"
_END = 0xD9
# Within a scan FF is followed by 00, by a mark to start anew, or by another FF.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_FORMATS = ("JPEG", "MPO")


def check_scans(image: ImageFile.ImageFile) -> None:
    """Refuse a JPEG file of more scans than any encoder writes; it is where it was afterwards.

    Raises
    ------
    ImageError
        If there are more than 100.
    """
    if image.format not in _FORMATS or image.fp is None:
        return
    place = image.fp.tell()
    image.fp.seek(0)
    content = image.fp.read()
    image.fp.seek(place)
    # What is no scan may hold the same bytes, so that only many of them are worth a closer look.
    if content.count(_SCAN) > _MOST_SCANS and _scans_in(content) > _MOST_SCANS:
        raise ImageError(
            f"the JPEG file has more than {_MOST_SCANS} scans, where ten are usual; save it anew "
            "if you trust it"
        )


def _scans_in(content: bytes) -> int:
    """Count the scans of the first image in a file, and stop soon after the most."""
    n_scans, place = 0, 2
    while n_scans <= _MOST_SCANS and (found := _MARKER.search(content, place)):
        kind = found[1][0]
        if kind == _END:
            break
        n_scans += kind == _SCAN[1]
        place = found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")
    return n_scans
