"""What a video is read from: a file, an address, a camera, or arrays that somebody else makes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import VideoError

# An iterable gives frames, or pairs of a time in seconds and a frame.
VideoSource: TypeAlias = (
    "str | PathLike[str] | int | Iterable[NDArray[np.uint8] | tuple[float, NDArray[np.uint8]]]"
)

_ADDRESSES = ("http://", "https://", "rtsp://", "rtsps://")
_LIVE = ("rtsp://", "rtsps://")
_CAMERA = "camera:"
# A list of parts, as HLS has them, may name files and addresses: those of its own kind alone.
_PROTOCOLS_OF_FILES = "file,crypto,data"
_PROTOCOLS_OF_ADDRESSES = "http,https,httpproxy,tcp,udp,rtp,rtsp,rtsps,tls,crypto,data"
_SECONDS_TO_ANSWER = 10.0


@dataclass(frozen=True)
class Opening:
    """How FFmpeg is to open something.

    Attributes
    ----------
    place : str
        A path, an address, or the name of a camera.
    name : str
        What it is called in messages.
    is_live : bool
        Whether frames that nobody takes are gone.
    format : str or None
        That of a camera; None lets FFmpeg find out.
    options : dict of str to str
    """

    place: str
    name: str
    is_live: bool = False
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    def open(self) -> Any:
        """Return PyAV's container.

        Raises
        ------
        VideoError
            If it cannot be opened.
        OSError
            If there is no file, or it cannot be read.
        ImportError
            If PyAV is missing; the message says how to install it.
        """
        from ferclassifier._utils.extras import import_extra

        av = import_extra("av", "video")
        av.logging.set_level(None)  # FFmpeg writes to stderr by itself
        try:
            return av.open(
                self.place,
                format=self.format,
                options=dict(self.options),
                timeout=(_SECONDS_TO_ANSWER, _SECONDS_TO_ANSWER),
            )
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise type(error)(f"{self.name}: {reason[:1].lower()}{reason[1:]}") from error
        except (av.FFmpegError, OSError, ValueError) as error:
            raise VideoError(f"{self.name}: {_what_is_wrong(self, error)}") from error


def opening_of(source: Any) -> Opening | None:
    """Return how a source is opened; None for an iterable of arrays, which is not.

    Raises
    ------
    OSError
        If there is no such file.
    TypeError
        If it is no source of a video.
    VideoError
        A ValueError: if it is the number of a camera that no camera has.
    """
    if isinstance(source, bool | bytes):
        raise TypeError(_not_a_source(source))
    if isinstance(source, int | np.integer):
        return _camera(int(source))
    if isinstance(source, str | PathLike):
        return _named(os.fspath(source))
    if isinstance(source, Iterable) and not isinstance(source, dict):
        return None
    raise TypeError(_not_a_source(source))


def _not_a_source(source: object) -> str:
    return (
        f"Got the video {quoted(source)} of type {type(source).__name__}, but expected a path, an "
        "address, the number of a camera, or an iterable of arrays."
    )


def _named(name: Any) -> Opening:
    if not isinstance(name, str):
        raise TypeError(_not_a_source(name))
    if name.startswith(_ADDRESSES):
        options = {"protocol_whitelist": _PROTOCOLS_OF_ADDRESSES}
        return Opening(name, name, is_live=name.startswith(_LIVE), options=options)
    if name.startswith(_CAMERA):
        number = name.removeprefix(_CAMERA)
        if not number.isdecimal():
            raise VideoError(f"Got {quoted(name)}, but expected a number, as in {_CAMERA}0.")
        return _camera(int(number))
    path = Path(name)
    if path.is_dir():
        raise IsADirectoryError(f"{name}: this is a folder, but expected a video file.")
    if not path.exists():
        raise FileNotFoundError(f"{name}: there is no such file.")
    # A name such as "concat:a|b" or "-" would else mean something to FFmpeg.
    return Opening(f"file:{path}", name, options={"protocol_whitelist": _PROTOCOLS_OF_FILES})


def _camera(number: int) -> Opening:
    name = f"{_CAMERA}{number}"
    if number < 0:
        raise VideoError(f"Got the camera {number}, but expected a number from 0 on.")
    if sys.platform == "darwin":
        options = {"framerate": "30"}
        return Opening(str(number), name, is_live=True, format="avfoundation", options=options)
    if sys.platform == "win32":
        raise VideoError(
            f"{name}: Windows calls its cameras by names. Give the frames that another library "
            "reads, or use the page that `ferclassifier webcam` opens."
        )
    place = f"/dev/video{number}"
    if not Path(place).exists():
        known = sorted(Path("/dev").glob("video*"))
        there = f"There are {', '.join(map(str, known))}." if known else "There is none."
        raise VideoError(f"{name}: there is no camera {place}. {there}")
    return Opening(place, name, is_live=True, format="v4l2")


def _what_is_wrong(opening: Opening, error: Exception) -> str:
    """Say what FFmpeg cannot do, in words of its user."""
    reason = " ".join(str(getattr(error, "strerror", None) or error).split())
    if not opening.place.startswith("file:"):
        return f"cannot be opened: {reason}"
    if os.path.getsize(opening.name) == 0:
        return "the file is empty, but expected a video."
    return f"this is no video that FFmpeg can read, or it is damaged: {reason}"
