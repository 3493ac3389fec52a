"""The command ``predict``: a line or a row for each face, as the model predicts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferclassifier import FERClassifier
from ferclassifier.images import read_image
from ferclassifier.photos import _reader
from helpers import (
    INTERRUPTIONS,
    assert_fails,
    assert_session_has_ended,
    run,
    shows_sessions,
    start,
    start_in_foreground,
)
from photo_files import side_model, write_face


class TestPredict:
    def test_predictions_are_those_of_the_classifier(
        self, clf: FERClassifier, faces: Path, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_reader, "_FACES_PER_BATCH", 4)  # 10 images are 3 batches
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
        assert errors[2].startswith("Error: 2 of 3 photos could not be read: ")
        assert len(errors) == 3

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
        *errors, last = result.stderr.splitlines()
        assert all("raise max_pixels" in error for error in errors)
        assert "5 of 10 photos could not be read" in last
        assert last.endswith(" and 2 more.")
        train = ("train", faces, "--layout", "folder", *limit)
        assert_fails(run(*train, "--output", faces.parent / "x"), "pixels, but at most")

    def test_a_folder_without_images(self, model: Path, tmp_path: Path) -> None:
        assert_fails(run("predict", tmp_path, "--model", model), str(tmp_path), "no images")
        (tmp_path / "1.svg").write_text("<svg/>")
        assert_fails(run("predict", tmp_path, "--model", model), "no images", ".svg: 1")

    def test_a_folder_of_other_suffixes(self, faces: Path, model: Path, tmp_path: Path) -> None:
        """Files called .jfif, or nothing, were left out without a word."""
        images = sorted(faces.rglob("*.png"))[:3]
        for image, name in zip(images, ("1", "2.jfif", "3.PNG"), strict=True):
            (tmp_path / name).write_bytes(image.read_bytes())
        (tmp_path / "4.tga").write_bytes(bytes(18))
        (tmp_path / "notes.txt").write_text("x")
        result = run("predict", tmp_path, "--model", model, "--json")
        assert result.exit_code == 0
        rows = json.loads(result.stdout)
        assert [row["path"] for row in rows] == [
            str(tmp_path / n) for n in ("1", "2.jfif", "3.PNG")
        ]
        assert result.stderr == (
            f"Warning: {tmp_path}: 1 file left out, no image that can be read (.tga: 1).\n"
        )


@pytest.fixture(scope="module")
def onnx_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return side_model(tmp_path_factory.mktemp("onnx") / "model.onnx")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Five faces, a wall, and a file that is no image."""
    folder = tmp_path / "photos"
    for i in range(5):
        write_face(folder / f"{i}.png", ("happy", "sad")[i % 2])
    Image.new("L", (90, 80), 200).save(folder / "wall.png")
    (folder / "z.jpg").write_text("no image")
    return folder


HEAVY = ("tensorflow", "keras", "sklearn", "pandas", "scipy", "imblearn", "matplotlib", "rich")


class TestWithoutTensorFlow:
    @pytest.mark.parametrize("command", ["predict", "crop"])
    def test_nothing_heavy_is_imported(
        self, photos: Path, onnx_model: Path, portrait: Path, tmp_path: Path, command: str
    ) -> None:
        args = ["predict", "--model", onnx_model, "--csv", tmp_path / "x.csv"]
        args += ["--annotate", tmp_path / "drawn"]
        if command == "crop":
            args = ["crop", "--output", tmp_path / "faces"]
        code = (
            "import sys\nfrom ferclassifier._cli import main\n"
            f"try:\n    main({[*map(str, args), str(photos), str(portrait)]})\n"
            "except SystemExit:\n    pass\n"
            f"print({HEAVY!r} and sorted(set({HEAVY!r}) & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert done.stdout.splitlines()[-1] == "[]"
        assert "of 8 photos could not be read" in done.stderr

    def test_a_whole_process(self, photos: Path, onnx_model: Path) -> None:
        process = start("predict", photos / "0.png", photos / "wall.png", "--model", onnx_model)
        stdout, stderr = process.communicate()
        first, second = stdout.splitlines()
        assert first.split()[1:] == ["happy", "0.998"]
        assert second.split()[1:] == ["no", "face"]
        assert (stderr, process.returncode) == ("", 0)


class TestRows:
    def test_json_has_the_columns(self, photos: Path, onnx_model: Path, portrait: Path) -> None:
        result = run("predict", portrait, photos, "--model", onnx_model, "--json")
        rows = json.loads(result.stdout)
        face, crop, wall, broken = rows[0], rows[1], rows[-2], rows[-1]
        assert face["left"] < face["right"]
        assert 0.5 < face["detection"] <= 1
        assert face["emotion"] == face["label"] in ("happy", "sad")
        assert face["probability"] == max(face["probabilities"].values())
        assert (crop["face"], crop["left"], crop["detection"]) == (0, None, None)
        assert (wall["face"], wall["emotion"], wall["probabilities"]) == (None, None, None)
        assert set(broken) == {"path", "error"}
        assert len(rows) == 8
        assert result.exit_code == 1

    def test_json_without_rows_is_a_list(self, onnx_model: Path, tmp_path: Path) -> None:
        result = run("predict", tmp_path, "--model", onnx_model, "--json")
        assert [set(row) for row in json.loads(result.stdout)] == [{"path", "error"}]

    def test_a_line_has_the_box(self, onnx_model: Path, portrait: Path) -> None:
        (line,) = run("predict", portrait, "--model", onnx_model, "--all").stdout.splitlines()
        words = line.split()
        assert words[3] == "at"
        assert words[5] == "to"
        assert words[7::2] == ["happy", "sad"]
        (line,) = run(
            *("predict", portrait, "--model", onnx_model, "--faces", "whole")
        ).stdout.splitlines()
        assert len(line.split()) == 3

    def test_standard_input(self, photos: Path, onnx_model: Path) -> None:
        command = [sys.executable, "-m", "ferclassifier", "predict", "-", "--model", onnx_model]
        with (photos / "1.png").open("rb") as file:
            done = subprocess.run(command, stdin=file, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["-", "sad", "0.998"]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert (done.stderr, done.returncode) == ("Error: standard input: is empty\n", 1)

    @pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:1/x.png"])
    def test_addresses(self, onnx_model: Path, address: str) -> None:
        assert_fails(run("predict", address, "--model", onnx_model), address)


class TestTables:
    def test_tables_hold_what_was_read(
        self, photos: Path, onnx_model: Path, tmp_path: Path
    ) -> None:
        pytest.importorskip("pyarrow")
        csv, jsonl, parquet = (tmp_path / f"x.{kind}" for kind in ("csv", "jsonl", "parquet"))
        args = ("predict", photos, "--model", onnx_model)
        args += ("--csv", csv, "--jsonl", jsonl, "--parquet", parquet)
        result = run(*args)
        assert result.exit_code == 1
        assert "5 faces in 6 photos, 1 of them without a face" in result.stdout
        assert f"Wrote {csv}" in result.stdout
        assert "1 of 7 photos could not be read" in result.stderr
        frame = pd.read_csv(csv)
        assert len(frame) == 6
        assert frame["emotion"].tolist()[:5] == ["happy", "sad", "happy", "sad", "happy"]
        for other in (pd.read_json(jsonl, lines=True), pd.read_parquet(parquet)):
            # pandas 2 reads null as None in columns of texts.
            other = other.fillna(np.nan)
            pd.testing.assert_frame_equal(frame, other, check_dtype=False, atol=1e-6)

        again = run(*args)
        assert "0 faces in 0 photos; 6 photos stood there before" in again.stdout
        pd.testing.assert_frame_equal(frame, pd.read_csv(csv))

    @pytest.mark.skipif(sys.platform == "win32", reason="processes are killed in another way")
    def test_a_killed_command_is_gone_on_with(self, onnx_model: Path, tmp_path: Path) -> None:
        for i in range(300):
            write_face(tmp_path / "photos" / f"{i:03d}.png", ("happy", "sad")[i % 2])
        csv = tmp_path / "x.csv"
        args = ("predict", tmp_path / "photos", "--model", onnx_model, "--csv", csv)
        process = start(*args)
        while not csv.exists() or csv.stat().st_size < 500:
            assert process.poll() is None
        process.kill()
        process.communicate()
        before = csv.read_bytes()
        result = run(*args)
        assert result.exit_code == 0
        assert csv.read_bytes().startswith(before[: before.rindex(b"\n")])
        assert pd.read_csv(csv)["path"].tolist() == [
            str(path) for path in sorted((tmp_path / "photos").iterdir())
        ]

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
    def test_a_full_disk(self, photos: Path, onnx_model: Path, tmp_path: Path) -> None:
        """A limit on the size of files stands in for the end of a disk."""
        code = (
            "import resource, sys\nfrom ferclassifier._cli import main\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
            "main(sys.argv[1:])"
        )
        csv = tmp_path / "x.csv"
        args = ["predict", photos, "--model", onnx_model, "--csv", csv]
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, args)],
            *(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert done.stderr == "Error: File too large\n" or "File too large" in done.stderr
        assert done.stderr.count("\n") == 1
        assert csv.read_bytes().endswith(b"\n")
        assert len(pd.read_csv(csv)) < 6
        assert run(*args).exit_code == 1
        assert len(pd.read_csv(csv)) == 6

    @pytest.mark.parametrize("option", ["--csv", "--jsonl", "--parquet"])
    def test_places_where_nothing_can_be_written(
        self, photos: Path, onnx_model: Path, tmp_path: Path, option: str
    ) -> None:
        pytest.importorskip("pyarrow")
        args = ("predict", photos, "--model", onnx_model, option)
        assert_fails(run(*args, tmp_path), "this is a folder")
        assert_fails(run(*args, tmp_path / "no" / "x"), "there is no folder")
        (tmp_path / "notes").write_text("mine")
        assert_fails(run(*args, tmp_path / "notes"), "Write to another file")
        assert (tmp_path / "notes").read_text() == "mine"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["notes", "photos"]

    def test_what_is_not_installed_is_named(
        self, photos: Path, onnx_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
        monkeypatch.setitem(sys.modules, "distributed", None)
        args = ("predict", photos, "--model", onnx_model)
        assert_fails(
            run(*args, "--parquet", tmp_path / "x"), 'pip install "ferclassifier[parquet]"'
        )
        result = run(*args, "--scheduler", "tcp://127.0.0.1:1")
        assert_fails(result, 'pip install "ferclassifier[dask]"')

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to root"
    )
    def test_a_folder_that_may_not_be_written_to(
        self, photos: Path, onnx_model: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "locked").mkdir(mode=0o500)
        for option, name in (("--csv", "locked/x.csv"), ("--annotate", "locked")):
            result = run("predict", photos, "--model", onnx_model, option, tmp_path / name)
            assert_fails(result, "Permission denied")


class TestAnnotated:
    def test_copies_have_the_places_of_the_photos(
        self, photos: Path, onnx_model: Path, portrait: Path, tmp_path: Path
    ) -> None:
        (photos / "more").mkdir()
        shutil.copy(portrait, photos / "more" / "p.jpg")
        drawn = tmp_path / "drawn"
        run("predict", photos, "--model", onnx_model, "--annotate", drawn)
        copies = [path.relative_to(drawn).as_posix() for path in sorted(drawn.rglob("*.*"))]
        assert copies == [*(f"{i}.png" for i in range(5)), "more/p.jpg", "wall.png"]
        with Image.open(drawn / "more" / "p.jpg") as copy, Image.open(portrait) as original:
            assert copy.size == original.size
            assert copy.getbbox() == original.getbbox()
            assert copy.tobytes() != original.tobytes()

    def test_photos_are_not_replaced(self, photos: Path, onnx_model: Path) -> None:
        args = ("--model", onnx_model, "--annotate")
        before = (photos / "0.png").read_bytes()
        assert_fails(run("predict", photos / "0.png", *args, photos), "is the photo itself")
        assert_fails(run("predict", photos, *args, photos), "lies in")
        assert_fails(run("predict", photos, *args, photos / "drawn"), "lies in")
        assert (photos / "0.png").read_bytes() == before
        assert not (photos / "drawn").exists()

    def test_a_file_is_no_folder(self, photos: Path, onnx_model: Path) -> None:
        args = ("predict", photos / "1.png", "--model", onnx_model, "--annotate", photos / "0.png")
        assert_fails(run(*args), "this is a file")


class TestSpread:
    @shows_sessions
    @pytest.mark.parametrize(("number", "line", "code"), [*INTERRUPTIONS, ("SIGKILL", "", -9)])
    def test_workers_do_not_outlive_it(
        self, number: str, line: str, code: int, onnx_model: Path, tmp_path: Path
    ) -> None:
        """They waited for ever for photos from a process that was killed, or read all they had."""
        for i in range(300):
            Image.new("RGB", (900, 900), (i % 256, 0, 0)).save(tmp_path / f"{i}.bmp")
        table = tmp_path / "rows.csv"
        process = start_in_foreground(
            *("predict", tmp_path, "--model", onnx_model, "--csv", table, "--workers", 2)
        )
        while not (table.exists() and table.read_text().count("\n") > 3):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(getattr(signal, number))
        _, stderr = process.communicate(timeout=60)  # workers have stderr, too, until they end
        if number != "SIGKILL":  # of that, Python's own tracker of semaphores has something to say
            assert stderr.strip() == line
        assert process.returncode == code
        assert_session_has_ended(process.pid)
        assert 3 < table.read_text().count("\n") < 300

    def test_workers(self, photos: Path, onnx_model: Path) -> None:
        args = ("predict", photos, "--model", onnx_model)
        assert run(*args, "--workers", 2).stdout == run(*args).stdout

    def test_a_scheduler(self, photos: Path, onnx_model: Path) -> None:
        distributed = pytest.importorskip("distributed")
        args = ("predict", photos, "--model", onnx_model)
        with distributed.LocalCluster(
            processes=False, n_workers=1, dashboard_address=":0", host="127.0.0.1", protocol="tcp"
        ) as cluster:
            result = run(*args, "--scheduler", cluster.scheduler_address)
        assert result.stdout == run(*args).stdout

    def test_both_are_too_much(self, photos: Path) -> None:
        result = run("predict", photos, "--workers", 2, "--scheduler", "tcp://127.0.0.1:1")
        assert_fails(result, "--workers", code=2)
