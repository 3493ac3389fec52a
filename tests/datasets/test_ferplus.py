"""FER+: votes joined with the images of FER-2013, and what its rules make of them."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ferclassifier import load_fer2013, load_ferplus
from ferclassifier.datasets._votes import EIGHT_EMOTIONS, VOTE_NAMES
from ferclassifier.exceptions import DataError
from helpers import SHARED, needs_fer2013, tiny_classifier

COLUMNS = [
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
    *("unknown", "NF"),
]
PARTS = ("Training", "Training", "Training", "Training", "PublicTest", "PrivateTest", "Training")
# Happy by seven; sad and fear alike; nobody knows; no face; contempt; two of five; not asked.
VOTES = (
    (2, 7, 1, 0, 0, 0, 0, 0, 0, 0),
    (0, 0, 0, 5, 0, 0, 5, 0, 0, 0),
    (1, 1, 0, 0, 0, 0, 0, 0, 8, 0),
    (0, 0, 0, 2, 0, 0, 0, 0, 0, 8),
    (0, 1, 0, 0, 0, 0, 1, 8, 0, 0),
    (4, 0, 0, 3, 3, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 10),
)
FER2013 = (3, 4, 6, 0, 0, 6, 0)


def faces() -> pd.DataFrame:
    pixels = [" ".join([str(10 * i)] * 48 * 48) for i in range(len(PARTS))]
    return pd.DataFrame({"emotion": FER2013, "pixels": pixels, "Usage": PARTS})


def table(votes: Any = VOTES, parts: Any = PARTS) -> pd.DataFrame:
    names = [f"fer{i:07d}.png" for i in range(len(votes))]
    if len(votes) == len(VOTES):
        names[-1] = ""
    frame = pd.DataFrame(list(votes), columns=COLUMNS)
    frame.insert(0, "Image name", names)
    frame.insert(0, "Usage", list(parts))
    return frame


def write(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


class TestRules:
    def test_majorities_alone(self) -> None:
        data = load_ferplus(faces(), table())
        assert data.target.tolist() == ["happy", "contempt"]
        assert data.target_codes.tolist() == [4, 1]
        assert data.target_names.tolist() == list(EIGHT_EMOTIONS)
        assert data.images[:, 0, 0].tolist() == [0, 40]
        assert data.filenames.tolist() == ["row 1", "row 5"]
        assert data.usage.tolist() == ["train", "validation"]
        assert data.fer2013_target.tolist() == ["happy", "angry"]

    def test_why_the_others_are_left_out(self) -> None:
        report = load_ferplus(faces(), table()).report
        assert report["reasons"] == {
            "no majority": 2,
            "unknown": 1,
            "no face": 1,
            "nobody was asked": 1,
        }
        assert ("row 4", "no face") in report["skipped"]
        assert (report["n_read"], report["n_skipped"]) == (2, 5)

    def test_all_that_are_of_an_emotion(self) -> None:
        data = load_ferplus(faces(), table(), keep="emotion")
        assert data.target.tolist() == ["happy", "fear", "contempt", "neutral"]
        assert_array_equal(data.soft_targets[1], [0, 0, 0, 0.5, 0, 0, 0.5, 0])

    def test_single_votes_are_outliers(self) -> None:
        data = load_ferplus(faces(), table())
        expected = np.zeros(8)
        expected[[4, 5]] = 7 / 9, 2 / 9
        np.testing.assert_allclose(data.soft_targets[0], expected, rtol=1e-6)
        assert data.soft_targets[1, 1] == 1

    def test_all_votes_are_there(self) -> None:
        data = load_ferplus(faces(), table())
        assert data.vote_names.tolist() == list(VOTE_NAMES)
        assert dict(zip(data.vote_names, data.votes[0], strict=True)) == {
            **dict.fromkeys(VOTE_NAMES, 0),
            "happy": 7,
            "neutral": 2,
            "surprise": 1,
        }

    @pytest.mark.parametrize(
        ("subset", "target"), [("train", ["happy"]), ("validation", ["contempt"])]
    )
    def test_subsets(self, subset: str, target: list[str]) -> None:
        data = load_ferplus(faces(), table(), subset=subset)
        assert data.target.tolist() == target

    def test_a_part_without_labels_is_an_error(self) -> None:
        with pytest.raises(DataError, match=r"'test' has a label; 1 skipped .no majority: 1"):
            load_ferplus(faces(), table(), subset="test")

    def test_a_fit_learns_the_shares(self) -> None:
        votes = 8 * np.eye(10, dtype=int)[:8] + 2 * np.eye(10, dtype=int)[1:9]
        images = pd.concat([faces(), faces().iloc[:1]], ignore_index=True).assign(Usage="Training")
        data = load_ferplus(images, table(votes, ["Training"] * 8))
        clf = tiny_classifier(epochs=1, distillation_weight=1.0)
        clf.fit(data.images, data.target, soft_targets=data.soft_targets)
        assert_array_equal(clf.classes_, data.target_names)

    def test_as_x_and_y_and_as_a_frame(self) -> None:
        X, y = load_ferplus(faces(), table(), return_X_y=True)
        assert X.shape == (2, 2304)
        assert y.tolist() == ["happy", "contempt"]
        data = load_ferplus(faces(), table(), as_frame=True)
        assert data.frame["target"].tolist() == ["happy", "contempt"]


class TestForms:
    def test_files(self, tmp_path: Path) -> None:
        expected = load_ferplus(faces(), table())
        images = write(faces(), tmp_path / "fer2013.csv")
        votes = write(table(), tmp_path / "fer2013new.csv")
        packed = tmp_path / "votes.csv.gz"
        packed.write_bytes(gzip.compress(votes.read_bytes()))
        for given in (votes, str(votes), packed, tmp_path, io.BytesIO(votes.read_bytes())):
            assert_array_equal(load_ferplus(images, given).votes, expected.votes)
        with votes.open() as file:
            assert_array_equal(load_ferplus(images, file).votes, expected.votes)

    def test_a_folder_or_an_archive_with_both(self, tmp_path: Path) -> None:
        write(faces(), tmp_path / "fer2013.csv")
        write(table(), tmp_path / "fer2013new.csv")
        archive = tmp_path / "both.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for name in ("fer2013.csv", "fer2013new.csv"):
                file.write(tmp_path / name, f"data/{name}")
        for given in (archive, tmp_path):
            assert load_ferplus(given).target.tolist() == ["happy", "contempt"]

    def test_columns_in_any_order_and_case(self) -> None:
        votes = table()[["NF", *COLUMNS[:-1][::-1], "Usage", "Image name"]]
        votes.columns = [name.upper() for name in votes.columns]
        assert load_ferplus(faces(), votes).target.tolist() == ["happy", "contempt"]

    def test_numbers_that_count_named_images_alone(self) -> None:
        votes = table()
        votes["Image name"] = ["fer0000000.png", "", *[f"fer{i:07d}.png" for i in range(1, 6)]]
        assert load_ferplus(faces(), votes, keep="emotion").filenames.tolist() == [
            "row 1",
            "row 5",
            "row 6",
        ]

    def test_images_without_parts_have_those_of_the_votes(self) -> None:
        data = load_ferplus(faces().drop(columns="Usage"), table())
        assert data.usage.tolist() == ["train", "validation"]

    def test_bad_rows_leave_the_others_in_their_places(self) -> None:
        images = faces()
        images.loc[1, "pixels"] = "1 2 3"
        data = load_ferplus(images, table(), on_error="skip")
        assert data.filenames.tolist() == ["row 1", "row 5"]
        assert data.report["reasons"]["wrong number of pixels"] == 1

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        """What Microsoft's script writes."""
        root = tmp_path / "data"
        names = {"Training": "FER2013Train", "PublicTest": "FER2013Valid"}
        for part, folder in names.items():
            (root / folder).mkdir(parents=True)
            with (root / folder / "label.csv").open("w", newline="") as file:
                rows = csv.writer(file)
                for i, votes in enumerate(VOTES):
                    if PARTS[i] != part or i == 6:
                        continue
                    name = f"fer{i:07d}.png"
                    rows.writerow([name, "(0, 0, 48, 48)", *votes])
                    Image.new("L", (48, 48), 10 * i).save(root / folder / name)
        return root

    def test_folders_with_their_labels(self, tree: Path) -> None:
        data = load_ferplus(tree)
        assert data.target.tolist() == ["happy", "contempt"]
        assert data.images[:, 0, 0].tolist() == [0, 40]
        assert data.usage.tolist() == ["train", "validation"]
        assert data.fer2013_target is None
        assert data.report["reasons"] == {"no majority": 1, "unknown": 1, "no face": 1}

    def test_the_same_in_a_zip(self, tree: Path, tmp_path: Path) -> None:
        archive = tmp_path / "ferplus.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(tree.rglob("*.*")):
                file.write(path, path.relative_to(tmp_path))
        assert_array_equal(load_ferplus(archive).soft_targets, load_ferplus(tree).soft_targets)

    def test_a_missing_image(self, tree: Path) -> None:
        (tree / "FER2013Train" / "fer0000001.png").unlink()
        with pytest.raises(DataError, match=r"row 2: there is no image .*fer0000001\.png"):
            load_ferplus(tree)
        data = load_ferplus(tree, on_error="skip")
        assert data.report["reasons"]["missing image"] == 1

    def test_votes_twice_are_refused(self, tree: Path) -> None:
        with pytest.raises(DataError, match="Leave votes=None"):
            load_ferplus(tree, table())


class TestWhatDoesNotBelongTogether:
    def test_no_votes(self) -> None:
        with pytest.raises(DataError, match=r"no votes in it.*votes='fer2013new.csv'"):
            load_ferplus(faces())

    def test_another_number_of_rows(self) -> None:
        with pytest.raises(DataError, match="votes for 6 rows, but DataFrame has 7"):
            load_ferplus(faces(), table().iloc[:-1])

    def test_other_parts(self) -> None:
        parts = [*PARTS[:3], "PublicTest", *PARTS[4:]]
        with pytest.raises(DataError, match=r"row 4 is of the part 'train', but .* 'validation'"):
            load_ferplus(faces(), table(parts=parts))

    def test_shuffled_votes(self) -> None:
        votes = table().iloc[[1, 0, 2, 3, 4, 5, 6]]
        with pytest.raises(DataError, match=r"row 2 is of fer0000000.png, behind fer0000001.png"):
            load_ferplus(faces(), votes)

    def test_shuffled_images(self) -> None:
        """Parts and numbers are right, and the votes are of other faces."""
        rng = np.random.default_rng(0)
        codes = np.arange(140) % 7
        # In the order of FER-2013's codes: angry, disgust, fear, happy, sad, surprise, neutral.
        place = np.array([4, 5, 6, 1, 3, 2, 0])
        votes = 10 * np.eye(10, dtype=int)[place[codes]]
        pixels = " ".join(["7"] * 48 * 48)

        def images(codes: Any) -> pd.DataFrame:
            return pd.DataFrame({"emotion": codes, "pixels": pixels, "Usage": "Training"})

        fitting = table(votes, ["Training"] * 140)
        data = load_ferplus(images(codes), fitting)
        assert_array_equal(data.target, data.fer2013_target)
        with pytest.raises(DataError, match=r"FER-2013's own label for 1\d %"):
            load_ferplus(images(rng.permutation(codes)), fitting)

    def test_images_in_folders_have_no_rows(self, tmp_path: Path) -> None:
        (tmp_path / "train" / "happy").mkdir(parents=True)
        Image.new("L", (48, 48)).save(tmp_path / "train" / "happy" / "a.png")
        with pytest.raises(DataError, match="joined row by row, but this is not one table"):
            load_ferplus(tmp_path, table())

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("fear", "many", "row 3: 'many' is no number of votes"),
            ("fear", -1, "row 3: -1 is no number of votes"),
            ("fear", 1.5, "row 3: 1.5 is no number of votes"),
            ("fear", np.inf, "row 3: inf is no number of votes"),
            ("Usage", "Holdout", "row 3: Usage is 'Holdout', but expected Training"),
        ],
    )
    def test_bad_cells(self, column: str, value: Any, message: str) -> None:
        votes = table().astype(object)
        votes.loc[2, column] = value
        with pytest.raises(DataError, match=message):
            load_ferplus(faces(), votes)

    def test_missing_columns(self) -> None:
        with pytest.raises(DataError, match="the columns fear and NF are missing"):
            load_ferplus(faces(), table().drop(columns=["fear", "NF"]))

    def test_the_wrong_file(self, tmp_path: Path) -> None:
        images = write(faces(), tmp_path / "fer2013.csv")
        with pytest.raises(DataError, match="the columns Image name, anger"):
            load_ferplus(images, images)
        empty = tmp_path / "empty.csv"
        empty.touch()
        with pytest.raises(DataError, match=r"empty.csv: the file is empty"):
            load_ferplus(images, empty)

    @pytest.mark.parametrize(
        "cell", ['"' + "x" * 200_000, '"' + "x" * 60_000 + '"' * 3, "x" * 70_000]
    )
    def test_a_cell_without_end(self, cell: str) -> None:
        """The error of the module csv came through, which is no ValueError."""
        text = io.StringIO(table().to_csv(index=False) + cell)
        with pytest.raises(DataError, match=r"(row|line) \d+"):
            load_ferplus(faces(), text)

    def test_a_packed_file_that_was_cut_off(self, tmp_path: Path) -> None:
        """So did EOFError."""
        path = tmp_path / "fer2013new.csv.gz"
        path.write_bytes(gzip.compress(table().to_csv(index=False).encode() * 99)[:-30])
        with pytest.raises(DataError, match="cannot be read to its end"):
            load_ferplus(faces(), path)

    def test_what_is_no_table(self) -> None:
        with pytest.raises(TypeError, match="Got votes of type int"):
            load_ferplus(faces(), 7)

    def test_parameters(self) -> None:
        with pytest.raises(ValueError, match="Got keep='all'"):
            load_ferplus(faces(), table(), keep="all")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="Got subset='valid'"):
            load_ferplus(faces(), table(), subset="valid")


@needs_fer2013
def test_the_published_votes(tmp_path: Path) -> None:
    images, votes = tmp_path / "fer2013.csv", tmp_path / "fer2013new.csv"
    tool = SHARED / "tools" / "fer2013.py"
    for layout, path in (("csv", images), ("ferplus", votes)):
        subprocess.run([sys.executable, tool, layout, path, "--limit", "600"], check=True)
    data = load_ferplus(images, votes)
    plain = load_fer2013(images)
    assert 0.85 < len(data.images) / len(plain.images) < 0.95
    assert 0.55 < np.mean(data.target == data.fer2013_target) < 0.75
    assert data.votes.sum(axis=1).min() >= 9
