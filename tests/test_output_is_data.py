r"""Names are data wherever they stand: no page, table, terminal or player runs what is in them.

A row of the table is a place where a name can stand: which form the output has, and what writes it.
Each is written with hostile names, and looked at as a browser, a renderer of Markdown, a
spreadsheet, a terminal and a player would. These were not data when the test was made: classes in
tables of videos and of searches were formulas, ``$`` in them broke or changed the picture of a
video's course, which left out those that begin with ``_``; a semicolon began a new cell for
spreadsheets of many countries; a table in a notebook held names that could not be saved; and bare
addresses in Markdown were links.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo

from ferclassifier import FERClassifier
from ferclassifier._cli.commands import search as search_command
from ferclassifier._cli.commands import video as video_command
from ferclassifier._cli.printing import print_json, say
from ferclassifier._cli.scores import print_scores
from ferclassifier._utils.markdown import to_markdown
from ferclassifier._utils.printable import printable
from ferclassifier.app._json import answered
from ferclassifier.audit import audit_images
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    CoverageDisplay,
    FaceGridDisplay,
    ReliabilityDisplay,
)
from ferclassifier.metrics import (
    coverage_accuracy_curve,
    emotion_report,
    reliability_curve,
)
from ferclassifier.photos._rows import COLUMNS, FoundFace, class_columns
from ferclassifier.photos._tables import CsvTable
from ferclassifier.pretrained._card import card_document
from ferclassifier.report import audit_report, evaluation_report
from ferclassifier.video import VideoTimeline
from ferclassifier.video._rows import SeenFace, rows_of
from helpers import facts_of, run, with_labels
from mislabelled import WRONG, X, Y
from output_checks import CHECKS, Page
from photo_files import side_model, write_face

HARMLESS = "happy"
HOSTILE = {
    "html": "<img src=x onerror=alert(1)></td></script><!--",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "markdown": "![a](javascript:0) **b** | `c` ~~d~~ <https://e.example>",
    "address": "https://evil.example www.evil.example a@evil.example",
    "template": "{{ 7 * 7 }} {% raw %} {0.__class__} %s ${x}",
    "terminal": "a\x1b[31m\x1b]8;;http://x\x07b\x9b\x08\r\n\u202ec\u2028d",
    "no-utf-8": "face\udcff",
    "rich": "[red]a[/red] [link=http://x]b[/] :smile:",
    "formula": '=HYPERLINK("http://x","y")',
    "at": "@SUM(1)",
    "minus": "-2+3",
    "wide": "\uff1dSUM(1)",
    "semicolon": 'a;=HYPERLINK("http://x")',
    "mathtext": r"$\frac{$ a $x^2$",
    "underscore": "_hidden",
    "subtitles": r"{\an8}<i>a --> b",
    "proto": "__proto__",
}
ROWS = X.reshape(60, -1) / 255
PROBA = np.random.default_rng(0).dirichlet(np.ones(3), 60)

Texts = Iterator[tuple[str, str]]


@pytest.fixture(scope="module", autouse=True)
def _as_words() -> Iterator[None]:
    """Let pictures hold words, not outlines of letters."""
    mpl.use("agg")
    with mpl.rc_context({"svg.fonttype": "none"}):
        yield


class _Model:
    """Answers what it was given, and is made in no time."""

    _estimator_type = "classifier"

    def __init__(self, classes: Any) -> None:
        self.classes_ = classes

    def predict_proba(self, X: Any) -> Any:
        return PROBA[: len(X)]

    def predict(self, X: Any) -> Any:
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def fit(self, X: Any, y: Any) -> Any:
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression().__sklearn_tags__()


def _labels(name: str) -> np.ndarray:
    return np.array([name, "sad", "plain"], dtype=object)


def _svg(figure: Any) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg")
    return file.getvalue()


def report_on_a_model(name: str, _: Path) -> Texts:
    report = evaluation_report(
        _Model(np.arange(3)),
        ROWS,
        WRONG,
        display_labels=_labels(name),
        votes=10 * np.eye(4, dtype=int)[Y],
        vote_names=[*_labels(name), f"{name} or not"],
        groups=np.array([name, "other"])[np.arange(60) % 2],
        image_names=[name] * 60,
        title=name,
        data_name=name,
        saliency=None,
        n_mistakes=2,
        n_disputed=2,
    )
    yield from _forms(report)


def report_on_images(name: str, _: Path) -> Texts:
    images = X.copy()
    images[3] = images[9] = images[21]
    audit = audit_images(
        images,
        _labels(name)[WRONG],
        groups=np.array(["train", name], dtype=object)[np.arange(60) % 2],
        train_group="train",
    )
    yield "terminal", str(audit)
    yield from _forms(audit_report(audit, image_names=[name] * 60, title=name, data_name=name))


def _forms(report: Any) -> Texts:
    yield "html", report.to_html()
    yield "markdown", report.to_markdown()
    yield "json", report.to_json()
    yield "html", _inside(report._repr_html_())


def _inside(frame: str) -> str:
    """Return the page in a frame."""
    from html import unescape

    return unescape(frame.split('srcdoc="')[1].split('"')[0])


def scores(name: str, _: Path) -> Texts:
    report = _scores(name)
    yield "terminal", str(report)
    yield "terminal", str(report.groups)
    yield "terminal", report.summary()


def _scores(name: str) -> Any:
    groups = np.array([name, "other"], dtype=object)[np.arange(60) % 2]
    return emotion_report(_labels(name)[WRONG], PROBA, classes=_labels(name), groups=groups)


def scores_on_a_screen(name: str, _: Path) -> Texts:
    with _Printed() as text:
        print_scores(_scores(name))
    # Tables are as wide as their names.
    yield "terminal", text.getvalue()


def words_on_a_screen(name: str, _: Path) -> Texts:
    with _Printed() as text:
        say(name, f"Wrote {name}")
    yield "terminal", text.getvalue()
    with _Printed() as text:
        print_json({name: [name]})
    yield "json", text.getvalue()


class _Printed:
    """What is printed on a terminal of any width that shows everything that it is told."""

    def __enter__(self) -> io.StringIO:
        self._patch = pytest.MonkeyPatch()
        self._patch.setenv("COLUMNS", "1000")
        text = io.StringIO()
        self._patch.setattr("sys.stdout", text)
        return text

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


def card_of_a_model(name: str, _: Path) -> Texts:
    facts = facts_of(
        name,
        summary=f"{name}.",
        data=name,
        protocol=name,
        architecture=name,
        members={name: 1.0},
    )
    yield "markdown", to_markdown(card_document(facts))


def rows_of_photos(name: str, folder: Path) -> Texts:
    classes = [name, "sad"]
    face = {"face": 0, "left": 1, "top": 2, "right": 3, "bottom": 4, "detection": 0.5}
    shares = dict(zip(class_columns(classes), (0.7, 0.3), strict=True))
    table = CsvTable(folder / "rows.csv", [*COLUMNS, *class_columns(classes)])
    for path in (name, f"faces/{name}.png"):
        table.write([{"path": path, **face, "emotion": name, "probability": 0.7, **shares}])
    table.close()
    yield "csv", (folder / "rows.csv").read_text(encoding="utf-8")


def rows_of_videos(name: str, _: Path) -> Texts:
    file = io.BytesIO()
    rows = video_command._CsvRows(file, list(_rows(name)[0]))
    rows.write(_rows(name))
    yield "csv", file.getvalue().decode()


def _rows(name: str) -> list[dict[str, Any]]:
    faces = [
        SeenFace(number, FoundFace((1, 2, 30, 40), 0.9, shares))
        for number, shares in enumerate([(0.8, 0.2), (0.2, 0.8)])
    ]
    return [row for i in range(10) for row in rows_of(i / 10, i, faces, [name, "sad"])]


def courses_of_videos(name: str, _: Path) -> Texts:
    timeline = VideoTimeline.from_rows(_rows(name), classes=[name, "sad"])
    yield "subtitles", timeline.to_srt()
    yield "html", timeline._repr_html_()
    yield "svg", _svg(timeline.plot_timeline())


def results_of_searches(name: str, folder: Path) -> Texts:
    results = {
        "params": [{name: name}, {"a": 1}],
        f"param_{HARMLESS}": np.ma.array([name, None], mask=[False, True], dtype=object),
        name: [[name], 0.5],
        "mean_test_score": [-0.25, float("nan")],
    }
    path = folder / "results.csv"
    search_command._write_results(SimpleNamespace(cv_results_=results), path)
    yield "csv", path.read_text(encoding="utf-8")


def charts(name: str, _: Path) -> Texts:
    counts = [1, 2, 3]
    of_classes = ClassDistributionDisplay(_labels(name), {"all": counts})
    of_groups = ClassDistributionDisplay(["a", "b", "c"], {name: counts, "other": counts})
    for display in (of_classes, of_groups):
        yield "svg", _svg(display.plot().figure_)
    labels = {"display_labels": _labels(name), "random_state": 0}
    yield "svg", _svg(FaceGridDisplay.from_images(X[:3], Y[:3], **labels).figure_)


def charts_of_curves(name: str, _: Path) -> Texts:
    truth = (WRONG, PROBA)
    reliability = ReliabilityDisplay(reliability_curve(*truth, classes=np.arange(3)), name=name)
    yield "svg", _svg(reliability.plot().figure_)
    curve = coverage_accuracy_curve(*truth, classes=np.arange(3))
    yield "svg", _svg(CoverageDisplay(curve, name=name).plot().figure_)


def answers_of_the_page(name: str, _: Path) -> Texts:
    answer = {"classes": [name], "photos": [{"name": name, "probabilities": {name: 1.0}}]}
    response = answered(answer)
    assert response.media_type == "application/json"
    yield "json", bytes(response.body).decode()


PLACES: dict[str, Callable[[str, Path], Texts]] = {
    place.__name__: place
    for place in (
        report_on_a_model,
        report_on_images,
        scores,
        scores_on_a_screen,
        words_on_a_screen,
        card_of_a_model,
        rows_of_photos,
        rows_of_videos,
        courses_of_videos,
        results_of_searches,
        charts,
        charts_of_curves,
        answers_of_the_page,
    )
}


# Pictures take long, and their words are written in one place each.
IN_PICTURES = ("html", "terminal", "no-utf-8", "mathtext", "underscore")
LEFT_OUT = {
    # A file of TOML, where the names come from, is UTF-8.
    "results_of_searches": {"no-utf-8"},
    # The way of Matplotlib to leave a curve out of a legend.
    "charts_of_curves": {"underscore"},
}


def _kinds(place: str) -> list[str]:
    has_pictures = place in ("report_on_a_model", "courses_of_videos") or "charts" in place
    kinds = [*IN_PICTURES, "markdown", "subtitles"] if has_pictures else HOSTILE
    return [kind for kind in kinds if kind not in LEFT_OUT.get(place, ())]


@cache
def _harmless(place: str, folder: Path) -> list[tuple[str, str]]:
    folder.mkdir()
    return list(PLACES[place](HARMLESS, folder))


@pytest.mark.parametrize(
    ("place", "kind"), [(place, kind) for place in PLACES for kind in _kinds(place)]
)
def test_a_name_is_data(
    place: str, kind: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = HOSTILE[kind]
    expected = _harmless(place, tmp_path_factory.getbasetemp() / f"harmless_{place}")
    written = list(PLACES[place](name, tmp_path))
    assert len(written) == len(expected)
    for (form, text), (_, harmless) in zip(written, expected, strict=True):
        CHECKS[form](text, harmless, name)


@pytest.fixture(scope="module")
def folder_of_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crops of faces, and a file that is no image, of which the file system takes the names."""
    folder = tmp_path_factory.mktemp("photos")
    for name in _names_of_files():
        write_face(folder / "class" / f"{name}.png")
        (folder / "class" / f"{name}.jpg").write_bytes(b"no image")
    return folder


def _names_of_files() -> list[str]:
    return [name.replace("/", "") for name in HOSTILE.values()]


def test_names_of_files_are_data_for_the_command_line(
    folder_of_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = side_model(tmp_path / "model.onnx")
    monkeypatch.chdir(folder_of_photos / "class")
    files = sorted(os.listdir())
    command = ("predict", *(f"./{name}" for name in files), "--model", model)
    printed = run(*command)
    CHECKS["terminal"](printed.output, printed.output, files[0])
    for name in files:
        if name.endswith(".png"):
            assert printable(name) in printed.stdout
        else:  # an error is one line, and so is a name in it
            assert printable(" ".join(name.splitlines())) in printed.stderr
    told = run(*command, "--json").stdout
    for name in files:
        CHECKS["json"](told, told, name)
    run(*command, "--csv", tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8")
    for name in files:
        if name.endswith(".png"):
            CHECKS["csv"](text, text, name)


def test_names_of_folders_are_data_for_the_command_line(tmp_path: Path) -> None:
    """They are the names of classes: read, audited, and shown."""
    names = [name for name in _names_of_files() if not name.startswith("__")]
    for i, name in enumerate(names):
        for j in range(3):
            write_face(tmp_path / "faces" / name / f"{j}.png", level=40 + 5 * i + j)
    pages = [tmp_path / f"report{suffix}" for suffix in (".html", ".md", ".json")]
    reports = [word for page in pages for word in ("--report", page)]
    result = run("audit", tmp_path / "faces", "--layout", "folder", *reports)
    assert result.exit_code == 0, result.output
    html, markdown, told = (page.read_text(encoding="utf-8") for page in pages)
    CHECKS["terminal"](result.output, result.output, "")
    for name in names:
        CHECKS["html"](html, html, name)
        CHECKS["markdown"](markdown, markdown, name)
        CHECKS["json"](told, told, name)
    assert not {element[0] for element in Page(html).elements} & {"script", "i", "a onclick"}


def test_a_model_file_keeps_names_as_they_are(fitted: FERClassifier, tmp_path: Path) -> None:
    """Three at a time, as many as there are classes."""
    names = sorted(HOSTILE.values())
    path = tmp_path / "model.safetensors"
    for start in range(0, len(names), 3):
        classes = np.array(sorted([*names[start : start + 3], "x", "y"])[:3])
        with_labels(fitted, classes).save(path)
        assert FERClassifier.load(path).classes_.tolist() == classes.tolist()


def test_an_annotated_copy_says_nothing_of_the_photo(tmp_path: Path) -> None:
    """Its description and place stay in the photo."""
    described = PngInfo()
    described.add_text("Comment", "=1+1<script>")
    exif = Image.Exif()
    exif[Base.ImageDescription] = "=1+1<script>"
    photo = write_face(tmp_path / "photo.png")
    with Image.open(photo) as image:
        image.save(photo, pnginfo=described, exif=exif)
    model = side_model(tmp_path / "model.onnx")
    result = run("predict", photo, "--model", model, "--annotate", tmp_path / "seen", "--json")
    assert "script" not in result.output
    (copy,) = (tmp_path / "seen").iterdir()
    with Image.open(copy) as image:
        assert not image.info
        assert not image.getexif()


def test_the_page_makes_elements_without_html() -> None:
    """`tests/app/test_in_browser.py` sends it hostile names where there is a browser."""
    folder = Path(video_command.__file__).parents[2] / "app" / "static"
    scripts = sorted(folder.glob("*.js"))
    assert len(scripts) > 5
    sinks = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "srcdoc")
    sinks += ("new Function", "DOMParser", "createContextualFragment", "setHTML", "javascript:")
    found = [(path.name, sink) for path in scripts for sink in sinks if sink in path.read_text()]
    assert found == []
