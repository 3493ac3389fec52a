"""The command ``ferclassifier video``: expressions in a video or of a camera, over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from ferclassifier._cli.missing_extras import missing_extra_said
from ferclassifier._cli.model_files import model_for_photos
from ferclassifier._cli.options import (
    PATH,
    json_option,
    max_pixels_option,
    model_of_photos_option,
)
from ferclassifier._cli.printing import cell, duration, print_json, say
from ferclassifier._cli.progress import Progress
from ferclassifier._cli.signals import INTERRUPTED
from ferclassifier._files.writing import replaceable, replacing
from ferclassifier._utils.csv_cells import csv_cell, csv_line
from ferclassifier._utils.wording import count, percent

if TYPE_CHECKING:
    from ferclassifier.video import VideoTimeline

# Threads come and go with every frame; glibc would keep what each of them has freed.
_ARENAS = 2
_PICTURES = (".png", ".svg", ".pdf")


class _Seconds(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number of seconds, as "0.2" or "0.2s", or a moment, as "1:02:03.5"."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        parts = str(value).removesuffix("s").split(":")
        with suppress(ValueError):
            seconds = 0.0
            for part in parts:
                seconds = 60 * seconds + float(part)
            if len(parts) <= 3 and 0 <= seconds < float("inf"):
                return seconds
        raise click.BadParameter(f"{value!r} is no time such as 0.2, 0.2s or 1:02.5.", ctx, param)


@click.command()
@click.argument("source", metavar="FILE|CAMERA")
@model_of_photos_option
@click.option(
    "--every",
    type=_Seconds(),
    metavar="SECONDS",
    help="Look at one frame in so many seconds, as in 0.2s, and not at all of them.",
)
@click.option(
    "--start", type=_Seconds(), default=0.0, metavar="TIME", help="Where to begin, as in 1:30."
)
@click.option("--stop", type=_Seconds(), metavar="TIME", help="Where to end.")
@click.option(
    "--annotate",
    type=PATH,
    metavar="FILE",
    help="Write a copy with boxes and bars drawn on it, and the sound: .mp4, .mov or .mkv.",
)
@click.option("--csv", "table", type=PATH, metavar="FILE", help="Write a row for each face.")
@click.option("--timeline", type=PATH, metavar="FILE", help="Draw the course: .png, .svg or .pdf.")
@click.option("--srt", type=PATH, metavar="FILE", help="Write subtitles.")
@click.option(
    "--min-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Find faces of so many pixels a side, and not only of a tenth of the frame's.",
)
@max_pixels_option
@json_option
def video(
    source: str,
    model: Path,
    every: float | None,
    start: float,
    stop: float | None,
    annotate: Path | None,
    table: Path | None,
    timeline: Path | None,
    srt: Path | None,
    min_size: int | None,
    max_pixels: int,
    as_json: bool,
) -> int:
    """Follow the faces in a video, and what they show.

    FILE is a video, or an address that begins with http://, https:// or rtsp://; CAMERA is
    camera:0, camera:1, ... Each face keeps its number from frame to frame, and its probabilities
    are means over some moments. Ctrl+C ends it early; what was written is whole up to there.

    \b
    Examples:
      ferclassifier video talk.mp4
      ferclassifier video talk.mp4 --annotate seen.mp4 --csv rows.csv --timeline talk.png
      ferclassifier video talk.mp4 --every 0.2s --start 1:30 --stop 2:00
      ferclassifier video camera:0 --csv rows.csv
    """  # noqa: D301
    for path in filter(None, (annotate, table, timeline, srt)):
        replaceable(path)
    if timeline is not None and timeline.suffix.lower() not in _PICTURES:
        raise click.ClickException(
            f"{timeline}: expected a name that ends with {', '.join(_PICTURES)}."
        )
    start_time = perf_counter()
    with (
        missing_extra_said(),
        _watching(
            source,
            model_for_photos(model),
            annotate=annotate,
            table=table,
            every=every,
            start=start,
            stop=stop,
            min_size=min_size,
            max_pixels=max_pixels,
        ) as watch,
    ):
        result = watch.run()
        if timeline is not None:
            _draw(result, timeline)
        if srt is not None:
            result.to_srt(srt)
    if as_json:
        print_json(result.summary().reset_index().to_dict("records"))
    else:
        _tell(result, watch.n_frames, perf_counter() - start_time)
        written = filter(None, (annotate, table, timeline, srt))
        say(*(f"Wrote {path}" for path in written))
    return INTERRUPTED if watch.is_interrupted else 0


class _Watch:
    """Reads a video to its end, or until Ctrl+C, and hands its frames to the files."""

    def __init__(self, analysis: Any, progress: Progress, annotated: Any, rows: Any) -> None:
        self._analysis, self._progress = analysis, progress
        self._annotated, self._rows = annotated, rows
        self.n_frames = 0
        self.is_interrupted = False

    def run(self) -> VideoTimeline:
        from ferclassifier.video import VideoTimeline

        try:
            return VideoTimeline.from_rows(
                self._all_rows(),
                classes=self._analysis.classes,
                thumbnails=self._analysis.thumbnails,
            )
        finally:
            self._progress.clear()

    def _all_rows(self) -> Iterator[dict[str, Any]]:
        from ferclassifier.video._rows import rows_of

        try:
            for frame, faces in self._analysis.frames():
                rows = list(rows_of(frame.time, frame.number, faces, self._analysis.classes))
                if self._annotated is not None:
                    self._annotated.write(frame, faces)
                if self._rows is not None:
                    self._rows.write(rows)
                self.n_frames += 1
                self._progress.step()
                yield from rows
        except KeyboardInterrupt:
            self.is_interrupted = True


class _CsvRows:
    """Writes rows as lines of a table."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns
        file.write(csv_line(map(csv_cell, columns)).encode())

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows of a frame."""
        lines = (csv_line(csv_cell(row[name]) for name in self._columns) for row in rows)
        self._file.write("".join(lines).encode())


@contextmanager
def _watching(
    source: str, model: Any, *, annotate: Path | None, table: Path | None, **options: Any
) -> Iterator[_Watch]:
    """Open the source and the files, which are written whole at the end."""
    from ferclassifier.photos._steady_memory import keep_memory_steady
    from ferclassifier.video import analyze_video
    from ferclassifier.video._annotated import AnnotatedVideo
    from ferclassifier.video._length import expected_frames
    from ferclassifier.video._rows import COLUMNS, columns_of

    keep_memory_steady(n_arenas=_ARENAS)
    every, start, stop = options["every"], options["start"], options["stop"]
    progress = Progress(lambda: expected_frames(source, every, start, stop), noun="frames")
    with ExitStack() as stack:
        analysis = stack.enter_context(analyze_video(source, model, **options))
        annotated = rows = None
        if annotate is not None:
            annotated = stack.enter_context(
                AnnotatedVideo(annotate, analysis.classes, source, start=start)
            )
        if table is not None:
            columns = [*COLUMNS, *columns_of(analysis.classes)]
            rows = _CsvRows(stack.enter_context(replacing(table)), columns)
        yield _Watch(analysis, progress, annotated, rows)


def _draw(result: VideoTimeline, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    figure = result.plot_timeline()
    with replacing(path) as file:
        figure.savefig(file, format=path.suffix.lower().removeprefix("."), dpi=150)


def _tell(result: VideoTimeline, n_frames: int, seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    summary = result.summary()
    if len(summary):
        table = Table("face", "from", "until", "mostly", "of its frames", box=None, pad_edge=False)
        for face, row in summary.iterrows():
            table.add_row(
                cell(face),
                cell(f"{row['from']:.1f} s"),
                cell(f"{row['until']:.1f} s"),
                cell(row["emotion"]),
                cell(percent(row["share"])),
            )
        Console().print(table)
    rate = n_frames / max(seconds, 1e-9)
    faces = count(len(summary), "face") if len(summary) else "no face"
    say(f"{faces} in {count(n_frames, 'frame')}; {duration(seconds)}, {rate:,.0f} frames a second")
