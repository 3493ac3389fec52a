"""The command line: it reads options, calls the package, and prints what comes back."""

from __future__ import annotations

import codecs
import os
import re
import shlex
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._files.writing import replaceable, replacing
from ferclassifier._utils.printable import as_json, printable
from ferclassifier._version import __version__
from ferclassifier.architectures import list_architectures
from ferclassifier.augmentation import PRESETS
from ferclassifier.exceptions import DataError, FERClassifierError, ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.text import Text

    from ferclassifier._classifier.classifier import FERClassifier
    from ferclassifier._classifier.voting import FERVotingClassifier

_SUBSETS = ("train", "validation", "test", "all")
_IMAGES_PER_BATCH = 256
_MAX_PIXELS = 50_000_000  # that of `images`, which would import NumPy

# A line of TensorFlow's C++ log below the level of fatal, and two lines that stand around those.
_STARTUP_NOISE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d [\d:.]+: [IWE] |"
    rb"WARNING: All log messages before absl|To enable the following instructions:"
)


class _CommandLine(click.Group):
    """A group of commands that says in one line what went wrong."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit: 0 is success, 1 an error, 2 a misuse, 130 an interruption."""
        with warnings.catch_warnings(), _any_text_written():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = _show_warning
            sys.exit(self._exit_code(*args, **{**kwargs, "standalone_mode": False}))

    def _exit_code(self, *args: Any, **kwargs: Any) -> int:
        try:
            return super().main(*args, **kwargs) or 0
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "ferclassifier"
            _print_error(f"{error.format_message()} See '{command} --help'.")
            return error.exit_code
        except click.ClickException as error:
            _print_error(error.format_message())
            return error.exit_code
        except click.Abort:
            click.echo("Aborted", err=True)
            return 130
        except BrokenPipeError:
            # Python flushes once more at its end, and would report that as an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except (FERClassifierError, MemoryError, OSError, ValueError) as error:
            _print_error(error)
            return 1


class _Setting(click.Option):
    """An option for a parameter of FERClassifier, with the default of its signature."""

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Look the default up when it is needed, because that imports scikit-learn."""
        from ferclassifier import FERClassifier

        return signature(FERClassifier).parameters[str(self.name)].default


class _LearningRate(click.FloatRange):
    """A positive number, or "auto"."""

    name = "number or 'auto'"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value == "auto" else super().convert(value, param, ctx)


_PATH = click.Path(path_type=Path)
_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout and nothing else."
)
_model_option = click.option(
    "--model",
    type=_PATH,
    metavar="NAME|FILE",
    required=True,
    help="A released model, see 'ferclassifier models', or the file that 'train', save or "
    "joblib.dump wrote. Loading one whose name ends with .joblib, .pkl or .pickle runs code that "
    "it holds: load only files that you trust. Under any other name, only a file without code is "
    "read.",
)


_max_pixels_option = click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="N",
    default=_MAX_PIXELS,
    help="Image files of more pixels cannot be read: decoding one may take 25 bytes for each.",
)


def _check_subset(ctx: click.Context, param: click.Parameter, subset: str) -> str:
    """Take the whole of a folder, and refuse to pretend that a part of it was asked for."""
    if ctx.params["layout"] == "fer2013":
        return subset
    by_user = ctx.get_parameter_source("subset") is not click.core.ParameterSource.DEFAULT
    if by_user and subset != "all":
        raise click.BadParameter("--layout folder has no subsets.")
    return "all"


def _data_options(subset: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options that say how to read DATA, `subset` being read by default."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            _max_pixels_option,
            click.option(
                "--on-error",
                type=click.Choice(["raise", "skip"]),
                default="raise",
                help="Stop at an image that cannot be read, or leave it out.",
            ),
            click.option(
                "--subset",
                type=click.Choice(_SUBSETS),
                default=subset,
                callback=_check_subset,
                help="The part of FER-2013 to read. A folder of your own is read whole.",
            ),
            click.option(
                "--layout",
                type=click.Choice(["fer2013", "folder"]),
                default="fer2013",
                is_eager=True,  # --subset depends on it
                help="FER-2013 as CSV file, folders or zip archive, or a folder with a subfolder "
                "for each of your own classes.",
            ),
        ):
            command = option(command)
        return command

    return decorate


@click.group(
    name="ferclassifier",
    cls=_CommandLine,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Recognise facial expressions in images.

    \b
    Examples:
      ferclassifier demo
      ferclassifier train fer2013.csv --output model.joblib
      ferclassifier audit fer2013.csv --report audit.html
      ferclassifier evaluate fer2013.csv --model model.joblib --report report.html
      ferclassifier predict face.png --model model.joblib
      ferclassifier models
      ferclassifier search fer2013.csv --space space.toml
    """  # noqa: D301 - click's mark for lines that are not to be joined
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@main.command()
@click.argument("data", type=_PATH)
@click.option(
    "--output",
    type=_PATH,
    metavar="FILE",
    default="model.joblib",
    help="The file to write the model to. One whose name ends with .joblib, .pkl or .pickle is "
    "written by joblib; any other holds no code, by custom with .safetensors at its end.",
)
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@_data_options(subset="train")
@click.option(
    "--architecture",
    cls=_Setting,
    type=click.Choice(list_architectures()),
    help="The network.",
)
@click.option(
    "--epochs",
    cls=_Setting,
    type=click.IntRange(min=1),
    metavar="N",
    help="Passes over the images.",
)
@click.option(
    "--batch-size", cls=_Setting, type=click.IntRange(min=1), metavar="N", help="Images per step."
)
@click.option(
    "--learning-rate",
    cls=_Setting,
    type=_LearningRate(min=0, min_open=True),
    metavar="RATE",
    help="The highest learning rate.",
)
@click.option(
    "--augmentation",
    cls=_Setting,
    type=click.Choice([*PRESETS, "none"]),
    callback=lambda ctx, param, value: None if value == "none" else value,
    help="Random changes of the images in training.",
)
@click.option(
    "--class-weight",
    cls=_Setting,
    type=click.Choice(["balanced", "sqrt"]),
    help="Give rare classes more weight: fully, or by the square root of that.",
)
@click.option(
    "--early-stopping/--no-early-stopping",
    cls=_Setting,
    help="Stop when images held out of the training are not recognised better any more.",
)
@click.option(
    "--seed",
    "random_state",
    cls=_Setting,
    type=click.IntRange(min=0),
    metavar="N",
    help="Makes two runs equal.",
)
@_json_option
def train(
    data: Path,
    output: Path,
    force: bool,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    as_json: bool,
    **settings: Any,
) -> None:
    """Train a model on labelled images and save it.

    DATA is FER-2013 (its CSV file, its folders or a zip archive), or, with --layout folder, a
    folder of your own images as DATA/<class>/*.

    \b
    Examples:
      ferclassifier train fer2013.csv --output model.joblib
      ferclassifier train my-faces --layout folder --epochs 30 --output mine.joblib
    """  # noqa: D301
    from ferclassifier import FERClassifier
    from ferclassifier._any_model import write_any_model

    _check_output(output, force)
    clf = FERClassifier(**settings, verbose=1)
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        _say(f"Reading {data}")
        faces = _load(data, layout, subset, on_error, max_pixels)
        labels = faces.target_names[faces.target]
        _say(_describe(labels))
        _start_keras()
        clf.fit(faces.images, labels)
    write_any_model(clf, output)
    seconds = sum(clf.history_["seconds"])
    if as_json:
        _print_json(
            {
                "model": str(output),
                "n_images": len(labels),
                "n_skipped": faces.report["n_skipped"],
                "classes": clf.classes_.tolist(),
                "epochs": clf.n_iter_,
                "best_epoch": clf.best_epoch_,
                "seconds": round(seconds, 1),
                "history": clf.history_,
            }
        )
    else:
        _say(f"Trained for {_duration(seconds)} and wrote {output}.")
        other = _in_shell(data) if layout == "fer2013" else "OTHER-IMAGES --layout folder"
        _say(f"Next: ferclassifier evaluate {other} --model {_in_shell(output)}")


@main.command()
@click.argument("images", type=_PATH, nargs=-1, required=True, metavar="IMAGES...")
@_model_option
@click.option("--all", "with_all", is_flag=True, help="Print the probabilities of all classes.")
@_max_pixels_option
@_json_option
def predict(
    images: tuple[Path, ...], model: Path, with_all: bool, max_pixels: int, as_json: bool
) -> int:
    """Predict the expressions of faces in image files.

    IMAGES are files, or folders whose images are taken. An image shows one face, cut out like
    those that the model was trained on; it is resized as the model needs it. What cannot be read
    is named on stderr, the others are predicted, and the exit code is 1. What does not show
    itself in a name is printed as an escape, such as \\x1b; JSON has the name as it is.

    \b
    Examples:
      ferclassifier predict face.png --model compact
      ferclassifier predict face.png more-faces --model model.joblib --json
    """  # noqa: D301
    paths = _list_images(images)
    clf = _load_model(model)
    width = min(60, max(len(printable(path)) for path in paths))
    found, n_failed = [], 0
    for row in _predict(clf, paths, max_pixels):
        if "error" in row:
            _print_error(row["error"])
            n_failed += 1
        elif not as_json:
            _say(_prediction_line(row, width, with_all))
        if as_json:
            found.append(row)
    if as_json:
        _print_json(found)
    return int(n_failed > 0)


@main.command()
@click.option(
    "--output",
    type=_PATH,
    metavar="FOLDER",
    default="demo-output",
    help="The folder for the picture, the model and a few faces; those of an earlier demo are "
    "replaced.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", default=0, help="Other seeds, other faces."
)
def demo(output: Path, seed: int) -> None:
    """Train on drawn faces in a minute or two, and see what comes out.

    Nothing is downloaded: the faces are drawn by the program. The scores are for faces that the
    network has not seen in training.
    """
    from ferclassifier import _demo
    from ferclassifier._any_model import write_any_model
    from ferclassifier._cli_scores import print_scores
    from ferclassifier.metrics import emotion_report

    output.mkdir(parents=True, exist_ok=True)
    _check_output(output / "model.joblib", force=True)
    _say(f"Drawing {_demo.N_TRAINING:,} faces to learn from")
    training, held_out = _demo.draw_faces(seed)
    _start_keras()
    clf = _demo.train(training, seed)
    probabilities = clf.predict_proba(held_out.images)
    _say("", "On other faces:", "")
    print_scores(emotion_report(held_out.labels, probabilities, classes=clf.classes_))
    model, picture = output / "model.joblib", output / "predictions.png"
    write_any_model(clf, model)
    with replacing(picture) as file:
        _demo.paint_predictions(held_out, clf.classes_, probabilities).save(file, "PNG")
    example = _demo.write_examples(held_out, output / "faces")[0]
    _say(f"Wrote {picture}, {model} and {example.parent}.")
    _say(f"Next: ferclassifier predict {_in_shell(example)} --model {_in_shell(model)}")


def _load(
    data: Path,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    image_shape: tuple[int, int, int] = (48, 48, 1),
) -> Any:
    """Read labelled images, and warn of those that were skipped."""
    from ferclassifier import load_fer2013, load_image_folder

    if layout == "folder":
        height, width, channels = image_shape
        faces = load_image_folder(
            data,
            size=(height, width),
            channels=channels,
            on_error=on_error,
            max_pixels=max_pixels,
        )
    else:
        try:
            faces = load_fer2013(data, subset=subset, on_error=on_error)
        except ImageError:
            raise
        except DataError as error:
            if not data.is_dir():
                raise
            hint = "If the folder has a subfolder for each of your own classes, add --layout folder"
            raise DataError(f"{str(error).removesuffix('.')}. {hint}.") from error
    if n_skipped := faces.report["n_skipped"]:
        reasons = ", ".join(f"{why}: {n}" for why, n in faces.report["reasons"].items())
        _print_warning(f"{data}: {_count(n_skipped, 'image')} skipped ({reasons}).")
    return faces


def _load_model(path: Path) -> FERClassifier | FERVotingClassifier:
    from ferclassifier._any_model import read_any_model
    from ferclassifier._files.released import expected
    from ferclassifier.pretrained import list_pretrained, load_pretrained

    if str(path) in (names := list_pretrained()):
        _start_keras()
        return load_pretrained(str(path))
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        raise click.ClickException(
            f"{path}: {what}, but expected a file or {expected(path, names)}"
        )
    _start_keras()
    return read_any_model(path)


def _check_output(path: Path, force: bool) -> None:
    """Find out before an hour of training whether a file can be written after it."""
    folder = replaceable(path).parent
    if path.exists() and not force:
        raise click.ClickException(f"{path}: the file exists; add --force to replace it.")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror}") from error


def _list_images(paths: Sequence[Path]) -> list[Path]:
    """Put the images in a folder in the folder's place."""
    from ferclassifier.datasets._file_tree import Folder, is_image

    listed: list[Path] = []
    for path in paths:
        if not path.is_dir():
            listed.append(path)
            continue
        inside = [path / name for name in Folder(path).names if is_image(name)]
        if not inside:
            raise click.ClickException(f"{path}: there are no images in this folder.")
        listed += inside
    return listed


def _predict(
    clf: FERClassifier | FERVotingClassifier, paths: Sequence[Path], max_pixels: int
) -> Iterator[dict[str, Any]]:
    """Yield the prediction for each file, or its error, reading a batch at a time."""
    from ferclassifier.images import read_image

    height, width, channels = clf.image_shape_
    options: dict[str, Any] = {
        "size": (height, width),
        "channels": channels,
        "max_pixels": max_pixels,
    }
    for start in range(0, len(paths), _IMAGES_PER_BATCH):
        rows, images = [], []
        for path in paths[start : start + _IMAGES_PER_BATCH]:
            row: dict[str, Any] = {"path": str(path)}
            try:
                images.append(read_image(path, **options))
            except ImageError as error:
                row["error"] = str(error)
            rows.append(row)
        probabilities = iter(clf.predict_proba(images) if images else ())
        for row in rows:
            if "error" not in row:
                row.update(_prediction(clf.classes_.tolist(), next(probabilities)))
            yield row


def _prediction(classes: list[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    best = probabilities.argmax()
    rounded = [round(float(p), 4) for p in probabilities]
    return {
        "label": classes[best],
        "probability": rounded[best],
        "probabilities": dict(zip(map(str, classes), rounded, strict=True)),
    }


def _names_of_classes(clf: FERClassifier | FERVotingClassifier, layout: str) -> NDArray[Any]:
    """Return the names of a model's classes, also if it was trained on the codes of FER-2013."""
    import numpy as np

    from ferclassifier import EMOTIONS

    classes = clf.classes_
    has_codes = classes.dtype.kind in "iu" and set(classes) <= set(range(len(EMOTIONS)))
    if layout == "fer2013" and has_codes:
        classes = np.array(EMOTIONS)[classes]
    return np.asarray(classes, dtype=str)


def _names_of_images(faces: Any) -> list[str]:
    """Say where each image stands: in which file, or in which part and row of FER-2013."""
    names = [str(name) for name in faces.filenames]
    if "usage" not in faces:
        return names
    return [f"{usage}, {name}" for usage, name in zip(faces.usage, names, strict=True)]


def _places_of(labels: NDArray[Any], names: NDArray[Any], data: Path) -> NDArray[Any]:
    """Return the place of each label among the names of a model's classes."""
    import numpy as np

    unknown = sorted(set(labels) - set(names))
    if unknown:
        raise click.ClickException(
            f"{data}: the model does not know the class {unknown[0]}, but only {', '.join(names)}."
        )
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[label] for label in labels])


def _prediction_line(row: dict[str, Any], width: int, with_all: bool) -> str:
    names = [printable(name) for name in row["probabilities"]]
    path, label = printable(row["path"]), printable(row["label"])
    line = f"{path:<{width}}  {label:<{max(map(len, names))}}  {row['probability']:.3f}"
    if with_all:
        shares = zip(names, row["probabilities"].values(), strict=True)
        line += "  " + "  ".join(f"{name} {share:.3f}" for name, share in shares)
    return line


def _describe(labels: NDArray[Any]) -> str:
    import numpy as np

    names, counts = np.unique(labels, return_counts=True)
    shares = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
    return f"{_count(len(labels), 'image')}: {shares}"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@contextmanager
def _any_text_written() -> Iterator[None]:
    """Let stdout and stderr escape what their encoding lacks, instead of failing or guessing."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            with suppress(OSError, ValueError):  # full, or closed meanwhile
                stream.reconfigure(errors=errors)


# All that is printed goes through the next five functions, or through `rich` by way of `_cell`: a
# name from outside may hold escape sequences and line ends.


def _say(*lines: object) -> None:
    """Print lines on stdout."""
    for line in lines:
        click.echo(printable(line), file=sys.stdout)


def _cell(value: object) -> Text:
    """Return what stands in a table of `rich`, not to be read as its markup or an emoji's name."""
    from rich.text import Text

    return Text(printable(value))


def _print_json(value: Any) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_unicode = codecs.lookup(encoding).name.startswith("utf")
    click.echo(as_json(value, ascii_only=not is_unicode), file=sys.stdout)


def _print_error(message: object) -> None:
    _print_line(f"{click.style('Error', fg='red')}: ", message)


def _print_warning(message: object) -> None:
    _print_line(f"{click.style('Warning', fg='yellow')}: ", message)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    _print_warning(message)


def _print_line(prefix: str, message: object) -> None:
    """Print a message of any length as one line on stderr."""
    if isinstance(message, OSError) and message.filename is not None:
        message = f"{message.filename}: {message.strerror}"
    text = " ".join(line.strip() for line in (str(message) or repr(message)).splitlines())
    click.echo(prefix + printable(text), file=sys.stderr)


def _in_shell(path: Path) -> str:
    """Write a path such that a command with it can be copied."""
    return shlex.quote(str(path))


def _start_keras() -> None:
    """Import Keras and its backend, and use them once."""
    with _without_startup_noise():
        import_module("ferclassifier._keras.network")
        from ferclassifier._utils.keras_door import ops

        ops.convert_to_numpy(ops.zeros(1))


@contextmanager
def _without_startup_noise() -> Iterator[None]:
    """Keep TensorFlow's start-up lines off the screen.

    It writes them from C++ to file descriptor 2 before its log level is set, whether or not
    there is anything to be done: about oneDNN, the processor, and a GPU that is not there. So the
    descriptor leads to a file meanwhile. Then every other line is written to where it belongs,
    and if starting fails, all of them.
    """
    if sys.__stderr__ is None:  # closed by whoever called; another file may have the number 2
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        started = False
        try:
            yield
            started = True
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            for line in caught:
                if not (started and _STARTUP_NOISE.match(line)):
                    os.write(2, line)


# Each adds its command to `main`.
from ferclassifier import _cli_audit, _cli_evaluate, _cli_models, _cli_search  # noqa: E402, F401
