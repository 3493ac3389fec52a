"""The command line: results like those of the classes, errors in one line, exit codes."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import joblib
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from ferclassifier import (
    EMOTIONS,
    FERClassifier,
    FERVotingClassifier,
    __version__,
    load_fer2013,
    make_faces,
)
from ferclassifier._cli import keras_start, main, options, scores
from ferclassifier._cli.group import any_text_written
from ferclassifier._files.container import is_model_file
from ferclassifier._utils.printable import printable_lines
from ferclassifier.images import read_image
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.metrics import emotion_report
from helpers import DATA, assert_fails, patterns, run, tiny_classifier

USAGES = ["Training"] * 24 + ["PublicTest"] * 9 + ["PrivateTest"] * 7
FAST = ("--architecture", "gap_cnn", "--epochs", "1", "--seed", "0", "--augmentation", "none")


def python(*args: object, **kwargs: Any) -> subprocess.Popen[str]:
    """Start ``python -m ferclassifier`` as a user does."""
    return subprocess.Popen(
        [sys.executable, "-m", "ferclassifier", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


@pytest.fixture(scope="session")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER-2013 in small."""
    images, codes = make_faces(len(USAGES), random_state=0)
    rows = zip(codes, images.reshape(len(images), -1), USAGES, strict=True)
    lines = [f"{code},{' '.join(map(str, pixels))},{usage}\n" for code, pixels, usage in rows]
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    path.write_text("".join(["emotion,pixels,Usage\n", *lines]))
    return path


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own classes, with pictures of several sizes."""
    folder = tmp_path_factory.mktemp("faces")
    images, codes = make_faces(10, n_classes=2, random_state=1)
    for i, (image, code) in enumerate(zip(images, codes, strict=True)):
        path = folder / ("calm", "excited")[code] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).resize((48 + i, 60)).save(path)
    return folder


@pytest.fixture(scope="session")
def training(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A model that the command line trained, and what it said."""
    path = tmp_path_factory.mktemp("model") / "model.joblib"
    return path, run("train", csv, "--output", path, *FAST)


@pytest.fixture(scope="session")
def model(training: tuple[Path, Result]) -> Path:
    path, result = training
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def clf(model: Path) -> FERClassifier:
    return joblib.load(model)


@pytest.fixture(scope="session")
def stripes_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of images of 12 x 12 pixels whose labels are numbers."""
    path = tmp_path_factory.mktemp("stripes") / "stripes.joblib"
    joblib.dump(tiny_classifier(epochs=1).fit(*patterns(n_classes=7)), path)
    return path


class _Hostile:
    """An object whose pickle makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self._path,)


class TestHelp:
    @pytest.mark.parametrize("args", [(), ("--help",), ("-h",)])
    def test_without_a_command_help_is_printed(self, args: tuple[str, ...]) -> None:
        result = run(*args)
        assert result.exit_code == 0
        for word in ("demo", "train", "evaluate", "predict", "Examples:"):
            assert word in result.stdout

    @pytest.mark.parametrize("command", ["demo", "train", "evaluate", "predict"])
    def test_every_command_and_option_is_explained(self, command: str) -> None:
        assert run(command, "--help").exit_code == 0
        parameters = main.commands[command].params  # type: ignore[attr-defined]
        assert all(p.help for p in parameters if isinstance(p, click.Option))

    def test_version(self) -> None:
        assert run("--version").stdout == f"ferclassifier {__version__}\n"

    def test_module_is_the_same_command(self) -> None:
        process = python("--help")
        stdout, stderr = process.communicate()
        assert (stdout, stderr, process.returncode) == (run("--help").stdout, "", 0)

    @pytest.mark.parametrize(
        ("args", "allowed"), [(["--help"], set()), (["train", "--help"], {"sklearn", "pandas"})]
    )
    def test_help_loads_nothing_heavy(self, args: list[str], allowed: set[str]) -> None:
        code = (
            "import sys\nfrom ferclassifier._cli import main\n"
            f"try:\n    main({args})\nexcept SystemExit:\n    pass\n"
            "print({'tensorflow', 'keras', 'scikeras', 'sklearn', 'pandas'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert eval(done.stdout.splitlines()[-1]) <= allowed

    def test_loading_a_model_is_said_to_run_code(self) -> None:
        for command in ("evaluate", "predict"):
            assert "only files that you trust" in " ".join(run(command, "--help").stdout.split())

    def test_defaults_are_those_of_the_classifier(self) -> None:
        command = main.commands["train"]  # type: ignore[attr-defined]
        settings = [p for p in command.params if isinstance(p, options.Setting)]
        signature = inspect.signature(FERClassifier).parameters
        context = click.Context(command)
        assert len(settings) == 8
        for setting in settings:
            default = setting.get_default(context)
            assert default is signature[setting.name].default
            assert setting.type_cast_value(context, default) == default


class TestTrain:
    def test_says_what_it_read_and_where_the_model_is(
        self, training: tuple[Path, Result], csv: Path
    ) -> None:
        path, result = training
        assert result.exit_code == 0
        assert "24 images: angry " in result.stdout
        assert "Epoch 1/1: " in result.stdout
        assert f"Next: ferclassifier evaluate {csv} --model {path}" in result.stdout
        assert result.stderr == ""
        assert list(path.parent.iterdir()) == [path]

    def test_fits_the_classifier_with_names_as_labels(self, clf: FERClassifier, csv: Path) -> None:
        train = load_fer2013(csv, subset="train")
        same = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0, augmentation=None)
        same.fit(train.images, train.target_names[train.target])
        np.testing.assert_array_equal(clf.classes_, sorted(EMOTIONS))
        np.testing.assert_array_equal(
            clf.predict_proba(train.images), same.predict_proba(train.images)
        )

    def test_json_is_all_of_stdout(self, faces: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.joblib"
        options = ("--layout", "folder", "--class-weight", "sqrt", "--learning-rate", "0.01")
        result = run("train", faces, "--output", path, *FAST, *options, "--json")
        told = json.loads(result.stdout)
        assert told["model"] == str(path)
        assert told["classes"] == ["calm", "excited"]
        assert (told["n_images"], told["n_skipped"], told["epochs"]) == (10, 0, 1)
        assert set(told["history"]) >= {"loss", "accuracy"}
        assert "Epoch 1/1: " in result.stderr
        clf = joblib.load(path)
        assert clf.image_shape_ == (48, 48, 1)
        assert (clf.class_weight, clf.learning_rate) == ("sqrt", 0.01)

    def test_a_model_without_code(self, faces: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.safetensors"
        result = run("train", faces, "--layout", "folder", "--output", path, *FAST)
        assert result.exit_code == 0, result.stderr
        clf = FERClassifier.load(path)
        rows = json.loads(run("predict", faces, "--model", path, "--json").stdout)
        assert len(rows) == 10
        for row in rows:
            expected = clf.predict_proba([read_image(row["path"], size=(48, 48))])[0]
            np.testing.assert_allclose(list(row["probabilities"].values()), expected, atol=1e-4)

    def test_existing_output_is_kept_unless_forced(
        self, csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "model.joblib"
        path.write_text("precious")
        assert_fails(run("train", csv, "--output", path), "exists", "--force")
        assert path.read_text() == "precious"

        def dump_half(value: Any, file: Any, **_: Any) -> None:
            file.write(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(FERClassifier, "fit", fit_nothing)
        with monkeypatch.context() as full_disk:
            full_disk.setattr(joblib, "dump", dump_half)
            result = run("train", csv, "--output", path, "--force")
        assert_fails(result, "No space left on device")
        assert path.read_text() == "precious"
        assert list(tmp_path.iterdir()) == [path]

        assert run("train", csv, "--output", path, "--force").exit_code == 0
        assert isinstance(joblib.load(path), FERClassifier)
        assert list(tmp_path.iterdir()) == [path]

    def test_output_is_checked_before_training(self, csv: Path, tmp_path: Path) -> None:
        assert_fails(run("train", csv, "--output", tmp_path / "no" / "x"), "there is no folder")
        assert_fails(run("train", csv, "--output", tmp_path), "this is a folder")
        assert_fails(run("train", csv, "--output", os.devnull, "--force"), "a device or a pipe")
        if Path("/proc/self").is_dir():  # a folder in which not even root can create a file
            assert_fails(run("train", csv, "--output", "/proc/self/x"), "cannot be written")
        assert list(tmp_path.iterdir()) == []

    def test_interruption_leaves_nothing(
        self, csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(FERClassifier, "fit", interrupt)
        result = run("train", csv, "--output", tmp_path / "x")
        assert result.exit_code == 130
        assert result.stderr.splitlines()[-1] == "Aborted"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["--architecture", "lenet"], ["'lenet'", "'compact'"]),
            (["--epochs", "0"], ["--epochs"]),
            (["--learning-rate", "fast"], ["'fast'", "number or 'auto'"]),
            (["--learning-rate", "0"], ["--learning-rate"]),
            (["--augmentation", "wild"], ["'wild'", "'standard'", "'none'"]),
            (["--layout", "folder", "--subset", "test"], ["--layout folder has no subsets"]),
            (["--subset", "test", "--layout", "folder"], ["--layout folder has no subsets"]),
            (["--colour"], ["--colour", "See 'ferclassifier train --help'"]),
        ],
    )
    def test_misuse(self, csv: Path, args: list[str], words: list[str]) -> None:
        assert_fails(run("train", csv, *args), *words, code=2)

    def test_missing_argument_and_unknown_command(self) -> None:
        assert_fails(run("train"), "'DATA'", code=2)
        assert_fails(run("teach"), "'teach'", "See 'ferclassifier --help'", code=2)


def fit_nothing(clf: FERClassifier, X: Any, y: Any) -> None:
    clf.classes_, clf.n_iter_, clf.best_epoch_ = np.unique(y), 0, None
    clf.history_ = {"seconds": [0.0]}


class TestData:
    @pytest.fixture(autouse=True)
    def _output(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(FERClassifier, "fit", fit_nothing)

    def test_missing_and_bad_files(self, tmp_path: Path) -> None:
        assert_fails(run("train", "missing.csv"), "missing.csv", "no such file")
        (tmp_path / "table.csv").write_text("a,b\n1,2\n")
        assert_fails(run("train", "table.csv"), "table.csv", "emotion")
        (tmp_path / "rows.csv").write_text("emotion,pixels,Usage\n3,1 2 3,Training\n")
        assert_fails(run("train", "rows.csv"), "row 1", "got 3 pixels")

    def test_bad_images_can_be_skipped(self, faces: Path, tmp_path: Path) -> None:
        shutil.copytree(faces, "own")
        Path("own/calm/broken.png").write_text("no image")
        assert_fails(run("train", "own", "--layout", "folder"), "broken.png")
        result = run("train", "own", "--layout", "folder", "--on-error", "skip", "--json")
        assert json.loads(result.stdout)["n_skipped"] == 1
        assert "Warning: own: 1 image skipped (unreadable image: 1)." in result.stderr

    def test_own_classes_are_pointed_to_the_option(self, faces: Path) -> None:
        assert_fails(run("train", faces), "'calm'", "--layout folder")

    def test_a_warning_is_one_line(self, model: Path, tmp_path: Path) -> None:
        image = Image.fromarray(make_faces(2, n_classes=2, random_state=0)[0][0])
        for folder in ("data/train/happy", "data/test/happy"):
            Path(folder).mkdir(parents=True)
            image.save(Path(folder) / "1.png")
        result = run("evaluate", "data", "--model", model, "--json")
        assert result.exit_code == 0
        assert json.loads(result.stdout)["n_images"] == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith("Warning: data: nothing tells the validation images")


class TestEvaluate:
    @pytest.mark.parametrize("subset", [None, "validation", "test", "train", "all"])
    def test_scores_are_those_of_scikit_learn(
        self, clf: FERClassifier, csv: Path, model: Path, subset: str | None
    ) -> None:
        options = () if subset is None else ("--subset", subset)
        told = json.loads(run("evaluate", csv, "--model", model, *options, "--json").stdout)
        data = load_fer2013(csv, subset=subset or "validation")
        truth, predicted = data.target_names[data.target], clf.predict(data.images)
        assert told["subset"] == (subset or "validation")
        assert told["n_images"] == len(truth)
        assert told["accuracy"] == pytest.approx(accuracy_score(truth, predicted))
        assert told["macro_f1"] == pytest.approx(
            f1_score(truth, predicted, average="macro", zero_division=0)
        )
        assert list(told["classes"]) == clf.classes_.tolist()
        for name, row in told["classes"].items():
            assert row["support"] == (truth == name).sum()
        matrix = confusion_matrix(truth, predicted, labels=clf.classes_)
        np.testing.assert_array_equal(told["confusion_matrix"], matrix)

    def test_tables_fit_on_a_screen(self, csv: Path, model: Path) -> None:
        result = run("evaluate", csv, "--model", model)
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= 80
        for word in ("precision", "true \\ predicted", "surprise", "Accuracy", "on 9 images"):
            assert word in result.stdout

    def test_screen_and_json_hold_the_report_of_the_probabilities(
        self, clf: FERClassifier, csv: Path, model: Path
    ) -> None:
        data = load_fer2013(csv, subset="validation")
        truth, probabilities = data.target_names[data.target], clf.predict_proba(data.images)
        report = emotion_report(
            truth,
            probabilities,
            classes=clf.classes_,
            images=data.images,
            train_images=load_fer2013(csv, subset="train").images,
        )
        assert report.confusions
        assert report.n_in_training == 0
        told = json.loads(run("evaluate", csv, "--model", model, "--json").stdout)
        expected = {**report.to_dict(), "data": str(csv), "model": str(model)}
        assert told == {**expected, "subset": "validation"}
        screen = run("evaluate", csv, "--model", model).stdout
        assert screen.endswith(f"\n\n{report.summary(n_confusions=2)}\n")

    def test_images_of_the_training_data_are_told_apart(
        self, csv: Path, model: Path, tmp_path: Path
    ) -> None:
        header, *rows = csv.read_text().splitlines(keepends=True)
        both = tmp_path / "fer2013.csv"
        copy = rows[0].replace("Training", "PublicTest")
        both.write_text("".join([header, *rows, copy]))
        assert "Without 1 image that training has too" in (
            run("evaluate", both, "--model", model).stdout
        )
        alone = tmp_path / "alone.csv"  # without training images there is nothing to compare with
        alone.write_text("".join([header, *(row for row in rows if "PublicTest" in row)]))
        result = run("evaluate", alone, "--model", model, "--json")
        assert json.loads(result.stdout)["n_in_training"] is None
        assert "has no training images" in result.stderr

    def test_training_images_are_not_scored_unnoticed(self, csv: Path, model: Path) -> None:
        told = json.loads(
            run("evaluate", csv, "--subset", "all", "--model", model, "--json").stdout
        )
        assert told["n_in_training"] == USAGES.count("Training")
        screen = run("evaluate", csv, "--subset", "train", "--model", model).stdout
        assert "All of the images also" in screen

    def test_a_confusion_matrix_that_is_too_wide_is_left_out(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        names = np.array([f"class number {i}" for i in range(30)])
        scores.print_scores(emotion_report(names, np.eye(30), classes=names))
        assert "see it with --json" in capsys.readouterr().out

    def test_names_with_brackets_are_printed_as_they_are(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        names = np.array(["[red]", "[/b]"])
        scores.print_scores(emotion_report(names, np.eye(2)[::-1], classes=names))
        printed = capsys.readouterr().out
        assert "[red] is taken for [/b] 100 % of the time" in printed
        assert printed.count("[red]") == printed.count("[/b]") == 5

    def test_a_model_of_codes_is_told_the_names(self, csv: Path, tmp_path: Path) -> None:
        data = load_fer2013(csv)
        clf = tiny_classifier(epochs=1).fit(data.images, data.target)
        joblib.dump(clf, tmp_path / "codes.joblib")
        told = json.loads(
            run(
                "evaluate", csv, "--subset", "all", "--json", "--model", tmp_path / "codes.joblib"
            ).stdout
        )
        assert list(told["classes"]) == list(EMOTIONS)
        assert told["accuracy"] == pytest.approx(clf.score(data.images, data.target))

    def test_classes_that_the_model_does_not_know(self, faces: Path, model: Path) -> None:
        result = run("evaluate", faces, "--layout", "folder", "--model", model)
        assert_fails(result, "does not know the class calm", "only angry, disgust")


class TestModelFile:
    def test_what_is_no_model(self, csv: Path, tmp_path: Path) -> None:
        path = tmp_path / "x.joblib"
        assert_fails(run("predict", "x.png", "--model", path), "x.joblib", "no such file")
        assert_fails(run("predict", "x.png", "--model", tmp_path), "this is a folder")
        path.write_text("hello")
        assert_fails(run("predict", "x.png", "--model", path), "cannot be loaded as a model")
        path.write_bytes(b"")
        assert_fails(run("evaluate", csv, "--model", path), "cannot be loaded as a model")
        joblib.dump({"a": 1}, path)
        assert_fails(run("predict", "x.png", "--model", path), "dict", "FERClassifier")
        joblib.dump(FERClassifier(), path)
        assert_fails(run("predict", "x.png", "--model", path), "has not been fitted")

    def test_a_file_without_code_that_is_damaged(
        self, csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "model.joblib"  # a file without code is one under any name
        content = bytearray((DATA / "protocol1.safetensors").read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        monkeypatch.setattr(joblib, "load", None)  # not to be tried then
        assert_fails(run("evaluate", csv, "--model", path), "model.joblib", "it is damaged")

    def test_an_ensemble(self, faces: Path, tmp_path: Path) -> None:
        path = DATA / "protocol1_voting.safetensors"
        rows = json.loads(run("predict", faces, "--model", path, "--json").stdout)
        pickled = tmp_path / "model.joblib"
        joblib.dump(FERVotingClassifier.load(path), pickled)
        assert rows == json.loads(run("predict", faces, "--model", pickled, "--json").stdout)
        assert len(rows) == 10
        joblib.dump(FERVotingClassifier([]), pickled)
        assert_fails(run("predict", faces, "--model", pickled), "has not been fitted")

    @pytest.mark.parametrize(
        "name", ["x.safetensors", "x.SafeTensors", "x", "x.bin", "x.joblib.gz", "x.pkl.safetensors"]
    )
    @pytest.mark.parametrize("command", ["predict", "evaluate", "audit"])
    def test_a_pickle_under_another_name_is_not_run(
        self, csv: Path, tmp_path: Path, command: str, name: str
    ) -> None:
        """The code of a pickle named .safetensors ran: what was no such file went to joblib."""
        joblib.dump(_Hostile(tmp_path / "it-ran"), tmp_path / name)
        assert_fails(run(command, csv, "--model", tmp_path / name), name, "pickle", ".joblib")
        assert not (tmp_path / "it-ran").exists()

    @pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links")
    @pytest.mark.parametrize(
        ("link", "target"), [("x.joblib", "y.safetensors"), ("x.safetensors", "y.joblib")]
    )
    def test_a_pickle_behind_a_link_is_not_run_if_either_name_says_that_it_is_none(
        self, tmp_path: Path, link: str, target: str
    ) -> None:
        joblib.dump(_Hostile(tmp_path / "it-ran"), tmp_path / target)
        (tmp_path / link).symlink_to(target)
        assert_fails(run("predict", "x.png", "--model", tmp_path / link), "this is a")
        assert not (tmp_path / "it-ran").exists()

    @pytest.mark.parametrize("name", ["x.joblib", "x.pkl", "x.PICKLE"])
    def test_names_that_joblib_reads(self, faces: Path, tmp_path: Path, name: str) -> None:
        joblib.dump(FERClassifier.load(DATA / "protocol1.safetensors"), tmp_path / name)
        result = run("predict", faces, "--model", tmp_path / name, "--json")
        assert len(json.loads(result.stdout)) == 10

    @pytest.mark.parametrize("name", ["x.SafeTensors", "x", "x.joblib"])
    def test_a_name_is_read_as_it_was_written(
        self, csv: Path, faces: Path, tmp_path: Path, name: str
    ) -> None:
        """A name in capitals was written by joblib, which no longer reads it."""
        assert run("train", csv, "--output", tmp_path / name, *FAST).exit_code == 0
        assert is_model_file(tmp_path / name) == (name != "x.joblib")
        assert run("predict", faces, "--model", tmp_path / name).exit_code == 0

    def test_model_is_required(self) -> None:
        assert_fails(run("predict", "x.png"), "--model", code=2)

    def test_images_of_another_shape_than_the_model(self, csv: Path, stripes_model: Path) -> None:
        assert_fails(
            run("evaluate", csv, "--model", stripes_model),
            "images of shape (48, 48, 1)",
            "expecting (12, 12, 1)",
        )

    def test_pixels_on_another_scale_than_the_model(
        self, csv: Path, faces: Path, tmp_path: Path
    ) -> None:
        data = load_fer2013(csv)
        path = tmp_path / "unit.joblib"
        joblib.dump(tiny_classifier(epochs=1).fit(data.images / 255, data.target), path)
        assert_fails(run("predict", faces, "--model", path), "[0, 255]", "Divide by 255")


class TestPredict:
    def test_predictions_are_those_of_the_classifier(
        self, clf: FERClassifier, faces: Path, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "ferclassifier._cli.commands.predict._IMAGES_PER_BATCH", 4
        )  # 10 images are 3 batches
        result = run("predict", faces, "--model", model, "--json")
        rows = json.loads(result.stdout)
        paths = sorted(faces.rglob("*.png"))
        images = [read_image(path, size=(48, 48)) for path in paths]
        assert [row["path"] for row in rows] == list(map(str, paths))
        assert [row["label"] for row in rows] == clf.predict(images).tolist()
        np.testing.assert_allclose(
            [list(row["probabilities"].values()) for row in rows],
            clf.predict_proba(images),
            atol=1e-4,
        )
        assert (result.exit_code, result.stderr) == (0, "")

    def test_a_line_for_each_file(self, clf: FERClassifier, faces: Path, model: Path) -> None:
        first, second = sorted(faces.rglob("*.png"))[:2]
        lines = run("predict", first, second, "--model", model).stdout.splitlines()
        probabilities = clf.predict_proba([read_image(first, size=(48, 48))])[0]
        path, label, probability = lines[0].split()
        assert (path, label) == (str(first), clf.classes_[probabilities.argmax()])
        assert float(probability) == pytest.approx(probabilities.max(), abs=1e-3)
        assert len(lines) == 2

        (line,) = run("predict", first, "--all", "--model", model).stdout.splitlines()
        assert line.split()[3::2] == clf.classes_.tolist()
        assert sum(map(float, line.split()[4::2])) == pytest.approx(1, abs=5e-3)

    def test_bad_files_do_not_stop_the_others(
        self, faces: Path, model: Path, tmp_path: Path
    ) -> None:
        good = next(faces.rglob("*.png"))
        broken = tmp_path / "broken.png"
        broken.write_text("no image")
        args = ("predict", tmp_path / "missing.png", good, broken, "--model", model)
        result = run(*args)
        assert result.exit_code == 1
        assert [line.split()[0] for line in result.stdout.splitlines()] == [str(good)]
        errors = result.stderr.splitlines()
        assert errors[0] == f"Error: {tmp_path / 'missing.png'}: there is no such file"
        assert errors[1].startswith(f"Error: {broken}: not an image")
        assert len(errors) == 2

        result = run(*args, "--json")
        assert result.exit_code == 1
        missing, predicted, unreadable = json.loads(result.stdout)
        assert set(missing) == set(unreadable) == {"path", "error"}
        assert predicted["path"] == str(good)

    def test_images_take_the_size_of_the_model(self, faces: Path, stripes_model: Path) -> None:
        path = next(faces.rglob("*.png"))
        (row,) = json.loads(run("predict", path, "--model", stripes_model, "--json").stdout)
        expected = joblib.load(stripes_model).predict([read_image(path, size=(12, 12))])
        assert [row["label"]] == expected.tolist()
        assert run("predict", path, "--model", stripes_model).exit_code == 0

    def test_images_of_many_pixels(self, faces: Path, model: Path) -> None:
        paths = sorted(faces.rglob("*.png"), key=lambda path: int(path.stem))
        limit = ("--max-pixels", 60 * (48 + 4))  # each is one pixel wider than the one before
        result = run("predict", *paths, "--model", model, *limit)
        assert result.exit_code == 1
        assert [line.split()[0] for line in result.stdout.splitlines()] == list(map(str, paths[:5]))
        assert all("raise max_pixels" in line for line in result.stderr.splitlines())
        train = ("train", faces, "--layout", "folder", *limit)
        assert_fails(run(*train, "--output", faces.parent / "x"), "pixels, but at most")

    def test_the_bound_on_pixels_is_that_of_the_decoder(self) -> None:
        assert options._MAX_PIXELS == MAX_PIXELS

    def test_a_folder_without_images(self, model: Path, tmp_path: Path) -> None:
        assert_fails(run("predict", tmp_path, "--model", model), str(tmp_path), "no images")


@pytest.fixture(scope="module")
def hostile_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images and classes whose names are no UTF-8, or would do something to a terminal."""
    folder = os.fsencode(tmp_path_factory.mktemp("hostile")) + b"/da\x1b]0;x\x07ta\xfe"
    images, codes = make_faces(8, n_classes=2, random_state=1)
    for i, (image, code) in enumerate(zip(images, codes, strict=True)):
        inside = os.path.join(folder, (b"a\xff[red]", b"b\x1b[31m\r\nError: :smile:")[code])
        try:
            os.makedirs(inside, exist_ok=True)
        except (OSError, UnicodeError):
            pytest.skip("this file system takes no such names")
        with open(os.path.join(inside, b"%d\xff\x1b[2J.png" % i), "wb") as file:
            Image.fromarray(image).save(file, "PNG")
    with open(os.path.join(folder, b"broken\xff\x1b[5m.png"), "wb") as file:
        file.write(b"no image")
    return Path(os.fsdecode(folder))


@pytest.fixture(scope="module")
def hostile_model(hostile_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / os.fsdecode(b"m\xff\x1b[1m o.safetensors")
    result = run(
        *("train", hostile_faces, "--layout", "folder", "--on-error", "skip"),
        *("--output", path, *FAST),
    )
    assert result.exit_code == 0, result.output
    assert_printable(result)
    assert r"a\udcff[red] 4, b\x1b[31m\r\nError: :smile: 4" in result.stdout
    assert result.stdout.endswith(r"m\udcff\x1b[1m o.safetensors'" + "\n")
    return path


def assert_printable(result: Result, encoding: str = "utf-8") -> None:
    """Assert that nothing was written that a terminal obeys, or cannot decode."""
    for written in (result.stdout_bytes, result.stderr_bytes):
        text = written.decode(encoding)
        assert printable_lines(text) == text


class TestNames:
    """File names that were no UTF-8 ended commands, and escape sequences reached the terminal."""

    @pytest.mark.parametrize("charset", ["utf-8", "ascii", "latin-1"])
    def test_predictions(self, hostile_faces: Path, hostile_model: Path, charset: str) -> None:
        runner = CliRunner(charset=charset)
        args = ["predict", str(hostile_faces), "--model", str(hostile_model)]
        result = runner.invoke(main, [*args, "--all"])
        assert result.exit_code == 1  # one file is broken
        assert_printable(result, charset)
        lines = result.stdout.splitlines()
        assert len(lines) == 8
        assert all(r"\udcff\x1b[2J.png" in line and ":smile:" in line for line in lines)
        (error,) = result.stderr.splitlines()
        assert error.startswith("Error: ")
        assert r"broken\udcff\x1b[5m.png: not an image" in error

        result = runner.invoke(main, [*args, "--json"])
        assert_printable(result, charset)
        rows = json.loads(result.stdout_bytes.decode(charset))
        assert all(Path(row["path"]).is_file() for row in rows)
        assert len({row["path"] for row in rows}) == 9
        labels = {label for row in rows if "error" not in row for label in row["probabilities"]}
        assert labels == {os.fsdecode(b"a\xff[red]"), "b\x1b[31m\r\nError: :smile:"}

    @pytest.mark.parametrize("charset", ["utf-8", "ascii"])
    @pytest.mark.parametrize("command", ["evaluate", "audit"])
    def test_scores_audits_and_reports(
        self, hostile_faces: Path, hostile_model: Path, tmp_path: Path, command: str, charset: str
    ) -> None:
        paths = [tmp_path / os.fsdecode(b"r\xff.") / x for x in ("r.html", "r.md", "r.json")]
        paths[0].parent.mkdir()
        args = [command, hostile_faces, "--layout", "folder", "--on-error", "skip", "--force"]
        args += ["--model", hostile_model]
        runner = CliRunner(charset=charset)
        reports = [option for path in paths for option in ("--report", path)]
        result = runner.invoke(main, list(map(str, [*args, *reports])))
        assert result.exit_code == 0, result.output
        assert_printable(result, charset)
        assert r"a\udcff[red]" in result.stdout
        assert ":smile:" in result.stdout
        assert result.stdout.splitlines()[0].endswith(r"da\x1b]0;x\x07ta\udcfe")
        for path in paths:
            text = path.read_text(encoding="utf-8")
            assert printable_lines(text) == text

        result = runner.invoke(main, list(map(str, [*args, "--json"])))
        assert_printable(result, charset)
        assert json.loads(result.stdout_bytes.decode(charset))["data"] == str(hostile_faces)

    def test_errors_and_misuse(self, hostile_model: Path) -> None:
        name = os.fsdecode(b"no\xff\x1b[31m\x07.png")
        shown = r"no\udcff\x1b[31m\x07"
        assert_fails(run("predict", "x.png", "--model", name), shown)
        assert_fails(run("predict", "x.png", f"--{name}", "1"), shown, code=2)
        assert_fails(run("evaluate", name, "--model", hostile_model), shown)
        assert_fails(run("train", name), shown)
        for args in (("predict", "x.png", "--model", name), ("predict", "x.png", f"--{name}")):
            assert_printable(run(*args))

    def test_streams_are_left_as_they_were(self) -> None:
        before = sys.stdout.errors, sys.stderr.errors
        with any_text_written():
            assert sys.stdout.errors == sys.stderr.errors == "backslashreplace"
        assert (sys.stdout.errors, sys.stderr.errors) == before


class TestProcess:
    """What only shows in a process of its own."""

    def test_stderr_is_quiet(self, faces: Path, model: Path) -> None:
        process = python("predict", faces, "--model", model)
        stdout, stderr = process.communicate()
        assert (len(stdout.splitlines()), stderr, process.returncode) == (10, "", 0)

    def test_a_reader_that_has_enough_is_no_error(self, faces: Path, model: Path) -> None:
        process = python("predict", faces, "--model", model)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        assert process.wait() == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
    def test_ctrl_c(self, csv: Path, tmp_path: Path) -> None:
        options = ("--output", tmp_path / "x", "--architecture", "gap_cnn", "--epochs", 10_000)
        # A shell's job in the background ignores the signal, and so would its children.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = python("train", csv, *options, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        finally:
            signal.signal(signal.SIGINT, before)
        assert process.stdout is not None
        while not process.stdout.readline().startswith("Epoch 1/"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        assert (stderr.strip(), process.returncode) == ("Aborted", 130)
        assert list(tmp_path.iterdir()) == []


NOISE = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"E0000 00:00:1795253714.8 21666 cuda_platform.cc:52] failed call to cuInit: INTERNAL\n"
    b"2025-11-21 09:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This\n"
    b"To enable the following instructions: AVX2 FMA, rebuild TensorFlow.\n"
)


@pytest.fixture
def standard_error(capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capfd.readouterr().err


def test_startup_noise_is_hidden_and_nothing_else(standard_error: Callable[[], str]) -> None:
    with keras_start.without_startup_noise():
        os.write(2, NOISE + b"F0000 00:00:1795253714.8 1 core.cc:1] Check failed\na warning\n")
    assert standard_error().splitlines() == [
        "F0000 00:00:1795253714.8 1 core.cc:1] Check failed",
        "a warning",
    ]


def test_startup_noise_is_shown_when_starting_fails(standard_error: Callable[[], str]) -> None:
    def start() -> None:
        with keras_start.without_startup_noise():
            os.write(2, NOISE)
            raise ImportError

    with pytest.raises(ImportError):
        start()
    assert standard_error() == NOISE.decode()
