"""What was seen in a video, as a whole: a table, a summary, a picture and subtitles."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.printable import pandas_dtype, printable, printable_labels
from ferclassifier._utils.wording import count, quoted
from ferclassifier.exceptions import DataError
from ferclassifier.video._bands import draw_bands
from ferclassifier.video._course import Course
from ferclassifier.video._rows import COLUMNS, columns_of
from ferclassifier.video._subtitles import subtitles, write_subtitles

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd
    from matplotlib.axes import Axes

_BOX = ("left", "top", "right", "bottom")
_NOTHING = float("nan")


class VideoTimeline(Course):
    """The expressions of the faces in a video over time.

    `analyze_video(...).timeline()` makes it, or :meth:`from_rows`. It keeps numbers alone: an hour
    of a face at 30 frames a second takes 14 MB.

    Attributes
    ----------
    classes : list of str or number
    thumbnails : dict of int to ndarray of shape (height, width, 3), uint8
        Pictures of the faces, by their numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import analyze_video
    >>> frames = np.zeros((3, 120, 160, 3), np.uint8)
    >>> timeline = analyze_video(frames, model="tiny").timeline()
    >>> len(timeline.to_frame())
    3
    """

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        classes: Sequence[Any] | None = None,
        thumbnails: Mapping[int, NDArray[np.uint8]] | None = None,
    ) -> Self:
        """Gather rows.

        Parameters
        ----------
        rows : iterable of mapping
            Those of `analyze_video`, or of a table that holds them, such as
            ``pandas.read_csv("rows.csv").to_dict("records")``.
        classes : sequence of str or number, default=None
            The labels of the columns that follow "probability"; None takes the columns' names.
        thumbnails : mapping of int to ndarray, default=None
            It is read when all rows have been.

        Raises
        ------
        DataError
            If a row lacks a column.
        """
        names = None if classes is None else columns_of(classes)
        kept: dict[str, array[float]] = {}
        for row in rows:
            if not kept:
                names = names or [name for name in row if name not in COLUMNS]
                kept = {name: array("d") for name in _numeric(names)}
            _keep(kept, row)
        names = names or []
        empty = {name: array("d") for name in _numeric(names)}
        columns = {name: np.array(values) for name, values in (kept or empty).items()}
        return cls(columns, names if classes is None else classes, thumbnails)

    def to_frame(self) -> pd.DataFrame:
        """Return all rows as a table, with the columns of `analyze_video`.

        Returns
        -------
        pandas.DataFrame
        """
        frame = _as_frame(self._columns)
        whole = ["frame", "face", *_BOX]
        frame[whole] = frame[whole].astype("Int64")
        shares = frame[columns_of(self.classes)].to_numpy()
        known = np.isfinite(shares).all(axis=1) if len(self.classes) else np.zeros(len(frame), bool)
        emotion = np.full(len(frame), None, dtype=object)
        if known.any():
            best = shares[known].argmax(axis=1)
            emotion[known] = np.array(self.classes, dtype=object)[best]
        probability = np.full(len(frame), np.nan)
        probability[known] = shares[known].max(axis=1, initial=0)
        place = list(COLUMNS).index("emotion")
        frame.insert(place, "emotion", emotion)
        frame.insert(place + 1, "probability", probability)
        return frame

    def summary(self) -> pd.DataFrame:
        """Return a row for each face.

        Returns
        -------
        pandas.DataFrame
            Indexed by "face", with the columns "from" and "until" (seconds), "frames" in which it
            was seen, "emotion", the class that was the most probable one in the most frames, its
            "share" of the frames, and the mean probability of each class.
        """
        import pandas as pd

        rows = []
        for face in self.faces:
            times, shares = self.of_face(face)
            won = np.bincount(shares.argmax(axis=1), minlength=len(self.classes))
            best = int(won.argmax())
            rows.append(
                {
                    "face": face,
                    "from": times.min(),
                    "until": times.max(),
                    "frames": len(times),
                    "emotion": self.classes[best],
                    "share": won[best] / len(times),
                    **dict(zip(columns_of(self.classes), shares.mean(axis=0), strict=True)),
                }
            )
        names = ["face", "from", "until", "frames", "emotion", "share", *columns_of(self.classes)]
        columns: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
        columns["emotion"] = pd.Series(columns["emotion"], dtype=pandas_dtype(names))
        return _as_frame(columns).set_index("face")

    def plot_timeline(self, *, ax: Axes | Sequence[Axes] | None = None) -> Any:
        """Draw the probabilities over time, as bands on one another, a panel for each face.

        Parameters
        ----------
        ax : Axes or sequence of Axes, default=None
            As many as there are panels; None makes a figure of pyplot's.

        Returns
        -------
        figure : matplotlib.figure.Figure
            The twelve faces that were seen longest are shown.

        Raises
        ------
        ImportError
            If Matplotlib is missing.
        ValueError
            If there is another number of axes.
        """
        return draw_bands(self, ax)

    def to_srt(self, path: str | PathLike[str] | None = None, *, least: float = 0.4) -> str:
        """Write what faces show as subtitles, which players show with the video.

        Parameters
        ----------
        path : str or path, default=None
            The file, such as "talk.srt" beside "talk.mp4"; None writes none.
        least : float, default=0.4
            Seconds for which an expression has to last to be told.

        Returns
        -------
        text : str
            In SubRip's format. Where several faces are seen, each line begins with the number of
            its face.
        """
        text = subtitles(self, least)
        if path is not None:
            write_subtitles(path, text)
        return text

    def __repr__(self) -> str:
        if not len(self):
            return "VideoTimeline of no frames"
        time = self._columns["time"]
        faces = count(len(self.faces), "face")
        return f"VideoTimeline of {faces}, {time.min():.1f} to {time.max():.1f} s"

    def _repr_html_(self) -> str:
        from html import escape

        summary = printable_labels(self.summary())
        summary["emotion"] = summary["emotion"].map(printable)
        return f"<p>{escape(repr(self))}</p>{summary.to_html(float_format='{:.2f}'.format)}"


def _as_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Make a table; the names of classes may be no UTF-8, which pandas' own texts refuse."""
    import pandas as pd

    frame = pd.DataFrame(dict(enumerate(columns.values())))
    frame.columns = pd.Index(list(columns), dtype=pandas_dtype(columns))
    return frame


def _numeric(classes: Sequence[str]) -> Iterator[str]:
    """Yield the columns that are numbers and cannot be told from others."""
    yield from (name for name in COLUMNS if name not in ("emotion", "probability"))
    yield from classes


def _keep(kept: Mapping[str, array[float]], row: Mapping[str, Any]) -> None:
    try:
        values = [row[name] for name in kept]
    except KeyError as error:
        raise DataError(
            f"Got a row without {error}, but expected those of analyze_video: {quoted(list(kept))}."
        ) from None
    for column, value in zip(kept.values(), values, strict=True):
        column.append(_NOTHING if value is None else float(value))
