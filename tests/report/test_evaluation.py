"""The report of a classifier says what its scores say, for any classifier."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import LinearSVC

from ferclassifier import ImageReader, load_pretrained, make_faces
from ferclassifier.images import _sources, read_image
from ferclassifier.metrics import emotion_report
from ferclassifier.preprocessing import _image_reader
from ferclassifier.report import evaluation_report
from helpers import tiny_classifier
from mislabelled import NAMES, ROWS, WRONG, X, Y
from pil_images import in_all_forms


def test_scores_are_those_of_emotion_report(fitted: Any, report: Any) -> None:
    names = np.array(NAMES)
    expected = emotion_report(
        names[WRONG], fitted.predict_proba(X), classes=NAMES, images=X, train_images=X[:10]
    )
    assert report.data["scores"] == expected.to_dict()
    assert report.data["scores"]["n_in_training"] == 10


def test_mistakes_are_the_most_confident_ones(fitted: Any, report: Any) -> None:
    proba = fitted.predict_proba(X)
    wrong = proba.argmax(axis=1) != WRONG
    mistakes = report.data["mistakes"]
    assert len(mistakes) == 5
    assert mistakes[0]["probability"] == pytest.approx(proba[wrong].max())
    for mistake in mistakes:
        i = mistake["index"]
        assert mistake["true"] == NAMES[WRONG[i]]
        assert mistake["predicted"] == NAMES[proba[i].argmax()] != mistake["true"]
        assert mistake["probability_of_label"] == pytest.approx(proba[i, WRONG[i]])


def test_page_has_every_section(report: Any) -> None:
    page = report.to_html()
    for title in (
        *("Classes", "Confusions", "Probabilities", "Most confident mistakes"),
        *("Distribution of classes", "Training", "Images of the training data", "Model"),
        "How to read this",
    ):
        assert f"<h2>{title}</h2>" in page
    assert page.count("<svg") == 3
    assert page.count("<img") == 10  # five faces, each beside where the model looked
    assert "10 of 60 images also appear in the training data" in page


def test_markdown_has_the_same_scores(report: Any) -> None:
    text = report.to_markdown()
    scores = report.data["scores"]
    assert f"{100 * scores['accuracy']:.1f}" in text
    for name in NAMES:
        row = scores["classes"][name]
        cells = [f"{row[score]:.3f}" for score in ("precision", "recall", "f1")]
        assert f"| {name} | {' | '.join(cells)} | {row['support']} |" in text


@pytest.mark.parametrize(
    "wrap",
    [
        lambda clf: clf,
        lambda clf: make_pipeline(MinMaxScaler(), clf),
        lambda clf: GridSearchCV(make_pipeline(MinMaxScaler(), clf), {}, cv=2),
    ],
    ids=["plain", "pipeline", "search"],
)
def test_any_classifier_of_rows_has_a_report(wrap: Any) -> None:
    clf = wrap(LogisticRegression()).fit(ROWS / 255, Y)
    report = evaluation_report(clf, ROWS / 255, WRONG, n_mistakes=2)
    assert report.data["saliency"] == "occlusion"
    assert report.data["history"] is None
    assert "<h2>Training</h2>" not in report.to_html()
    assert report.to_html().count("<img") == 4
    assert report.title == "How LogisticRegression recognises 60 faces"


def test_a_model_is_called_by_its_name() -> None:
    """A released model was called by its class, as every other one."""
    clf = load_pretrained("tiny")
    X, y = make_faces(14, random_state=0)
    report = evaluation_report(clf, X, y, saliency=None)
    assert report.title == "How tiny recognises 14 faces"
    report = evaluation_report(clf, X, y, saliency=None, model_name="mine")
    assert report.title == "How mine recognises 14 faces"


@pytest.mark.parametrize(
    ("n_right", "n_images", "words"),
    [
        (7, 10, "too few images to call it too sure or too unsure"),
        (700, 1000, "too sure of itself"),
        (900, 1000, "right more often than it claims"),
        (799, 1000, "neither too sure nor too unsure"),
    ],
)
def test_a_model_is_too_sure_where_chance_does_not_explain_it(
    n_right: int, n_images: int, words: str
) -> None:
    """Of 200 images, 73 % that were promised and 72 % that came true were called too sure."""
    labels = np.where(np.arange(n_images) < n_right, "a", "b")
    rows = np.zeros((n_images, 16))
    clf = DummyClassifier().fit(rows[:10], ["a"] * 8 + ["b"] * 2)  # says a, with 80 %
    report = evaluation_report(clf, rows, labels, saliency=None, n_mistakes=0)
    assert f"): {words}." in report.to_markdown()


def test_files_are_named(linear: Any, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{i}.png") for i in range(12)]
    for image, path in zip(X, paths, strict=False):
        Image.fromarray(image).save(path)
    reader = ImageReader(size=(12, 12), as_rows=True)
    model = make_pipeline(reader, MinMaxScaler(), LogisticRegression()).fit(paths, Y[:12])
    report = evaluation_report(model, paths, WRONG[:12], n_mistakes=3)
    for mistake in report.data["mistakes"]:
        assert mistake["name"] == paths[mistake["index"]]
    assert Path(report.data["mistakes"][0]["name"]).name in report.to_markdown()


def test_saliency_can_be_left_out(linear: Any) -> None:
    report = evaluation_report(linear, ROWS / 255, WRONG, saliency=None, n_mistakes=3)
    assert report.data["saliency"] is None
    assert report.to_html().count("<img") == 3
    assert evaluation_report(linear, ROWS / 255, WRONG, n_mistakes=0).to_html().count("<img") == 0


def test_a_model_without_mistakes_is_told_so(linear: Any) -> None:
    report = evaluation_report(linear, ROWS / 255, linear.predict(ROWS / 255))
    assert "There are none: every image is recognised." in report.to_html()
    assert report.data["mistakes"] == []


def test_one_class_alone() -> None:
    clf = DummyClassifier().fit(ROWS, np.zeros(60))
    report = evaluation_report(clf, ROWS, np.zeros(60))
    assert report.data["scores"]["accuracy"] == 1.0
    assert "There is one class only, 0.0." in report.to_html()


def test_weights_count_in_scores_and_distribution(linear: Any) -> None:
    weights = np.linspace(0, 2, 60)
    data = evaluation_report(linear, ROWS / 255, WRONG, sample_weight=weights, n_mistakes=0).data
    right = linear.predict(ROWS / 255) == WRONG
    assert data["scores"]["accuracy"] == pytest.approx(np.average(right, weights=weights))
    assert sum(data["predicted"].values()) == pytest.approx(weights.sum())


def test_images_without_weight_are_left_out(linear: Any) -> None:
    """They were shown among the mistakes, and their labels had to be classes."""
    is_shown = np.arange(60) % 4 != 1
    weights, kept = np.where(is_shown, 2, 0), np.flatnonzero(is_shown).repeat(2)
    labels = np.where(is_shown, WRONG, 99)
    report = evaluation_report(linear, ROWS / 255, labels, sample_weight=weights, n_mistakes=60)
    repeated = evaluation_report(linear, ROWS[kept] / 255, WRONG[kept], n_mistakes=60)
    assert report.title == repeated.title
    assert report.scores.n_images == repeated.scores.n_images == is_shown.sum() * 2
    assert report.data["predicted"] == repeated.data["predicted"]
    assert report.data["scores"]["classes"] == repeated.data["scores"]["classes"]
    mistakes = report.data["mistakes"]
    assert {m["index"] for m in mistakes} == {kept[m["index"]] for m in repeated.data["mistakes"]}
    assert {m["name"] for m in mistakes} == {f"image {m['index']}" for m in mistakes}
    assert ("fewer than 30 images" in report.to_html()) == (
        "fewer than 30 images" in repeated.to_html()
    )


def test_images_of_the_training_data_only(linear: Any) -> None:
    page = evaluation_report(
        linear, ROWS / 255, WRONG, train_images=X, n_mistakes=0, image_shape=(12, 12)
    ).to_html()
    assert "60 of 60 images also appear in the training data" in page
    assert "No others are left" in page


def test_what_predicts_no_probabilities_is_refused() -> None:
    svc = LinearSVC().fit(ROWS / 255, Y)
    with pytest.raises(ValueError, match=r"LinearSVC.*CalibratedClassifierCV"):
        evaluation_report(svc, ROWS / 255, Y)


def test_unknown_labels_are_refused(linear: Any) -> None:
    with pytest.raises(ValueError, match="y holds 7, but the classes are 0, 1, 2"):
        evaluation_report(linear, ROWS / 255, np.where(Y == 2, 7, Y))


def test_names_are_one_for_each_class(linear: Any) -> None:
    with pytest.raises(ValueError, match="expected 3 different names, one for each"):
        evaluation_report(linear, ROWS / 255, Y, display_labels=["a", "b"])


def test_labels_are_one_for_each_image(linear: Any) -> None:
    with pytest.raises(ValueError, match="Got 59 labels y for 60 images"):
        evaluation_report(linear, ROWS / 255, Y[1:])


@pytest.mark.parametrize("n", [-1, 1.5])
def test_the_number_of_mistakes_is_a_whole_one(linear: Any, n: float) -> None:
    with pytest.raises((ValueError, TypeError), match="n_mistakes"):
        evaluation_report(linear, ROWS / 255, Y, n_mistakes=n)  # type: ignore[arg-type]


def test_images_may_have_names(linear: Any) -> None:
    names = [f"face {i} of the film" for i in range(60)]
    report = evaluation_report(linear, ROWS / 255, WRONG, n_mistakes=2, image_names=names)
    for mistake in report.data["mistakes"]:
        assert mistake["name"] == names[mistake["index"]]
        assert mistake["name"] in report.to_markdown()


class _Unsorted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose classes are in the order in which it met them."""

    def fit(self, X: Any, y: Any) -> _Unsorted:
        self.inner_ = LogisticRegression().fit(X, y)
        self.order_ = np.array([2, 0, 1])
        self.classes_ = self.inner_.classes_[self.order_]
        return self

    def predict_proba(self, X: Any) -> Any:
        return self.inner_.predict_proba(X)[:, self.order_]

    def predict(self, X: Any) -> Any:
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.mark.parametrize("labels", [np.array([0, 1, 2]), np.array(NAMES)])
def test_classes_need_not_be_sorted(labels: Any) -> None:
    clf = _Unsorted().fit(ROWS / 255, labels[Y])
    report = evaluation_report(clf, ROWS / 255, labels[WRONG], n_mistakes=2)
    assert report.scores.accuracy == clf.score(ROWS / 255, labels[WRONG]) == 0.8
    assert report.data["mistakes"][0]["true"] == str(
        labels[WRONG][report.data["mistakes"][0]["index"]]
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_copies_of_bytes_are_found_in_the_training_data(dtype: Any) -> None:
    images = np.clip(X, 40, 150)  # neither black nor white
    rows = images.reshape(60, -1).astype(dtype)
    clf = LogisticRegression(max_iter=1000).fit(rows, Y)
    report = evaluation_report(clf, rows, Y, train_images=images[:30], n_mistakes=0)
    assert report.scores.n_in_training == 30


def test_standardised_images_are_compared(linear: Any) -> None:
    rows = (ROWS - 100.0) / 50
    report = evaluation_report(linear, rows, Y, train_images=rows[:20], n_mistakes=0)
    assert report.scores.n_in_training == 20


def test_a_network_without_feature_maps_is_explained_by_occlusion() -> None:
    def dense(inputs: Any, n_classes: int) -> Any:
        from keras import layers

        return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))

    clf = tiny_classifier(architecture=dense, architecture_params=None, epochs=1).fit(X, Y)
    report = evaluation_report(clf, X, (Y + 1) % 3, n_mistakes=2)
    assert report.data["saliency"] == "occlusion"
    assert len(report.data["mistakes"]) == 2


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ({"loss": [1.0, np.nan]}, {"loss": [1.0, None]}),
        ({"loss": np.array([2, 1], dtype=np.float32)}, {"loss": [2.0, 1.0]}),
        ([{"epoch": 1, "train_loss": 0.5}], None),
    ],
)
def test_any_history_can_be_told(history: Any, expected: Any) -> None:
    clf = LogisticRegression().fit(ROWS / 255, Y)
    clf.history_ = history
    report = evaluation_report(clf, ROWS / 255, WRONG, n_mistakes=0)
    assert json.loads(report.to_json())["history"] == expected
    assert ("<h2>Training</h2>" in report.to_html()) == (expected is not None)


def test_weights_are_no_numbers_of_images(linear: Any) -> None:
    weights = np.full(60, 1 / 30)
    page = evaluation_report(linear, ROWS / 255, WRONG, sample_weight=weights, n_mistakes=0)
    assert "fewer than 30 images" not in page.to_html()
    assert "fewer than 30 images" in evaluation_report(linear, ROWS / 255, WRONG).to_html()


def test_of_many_rare_classes_some_are_named() -> None:
    labels = np.arange(60) % 20
    clf = DummyClassifier(strategy="stratified", random_state=0).fit(ROWS, labels)
    page = evaluation_report(clf, ROWS, labels, n_mistakes=0).to_html()
    assert "Of 0, 1, 2, 3, 4, 5, 6, 7 and 12 more there are fewer" in page


@pytest.mark.parametrize("estimator", [None, "model.joblib"])
def test_only_a_classifier_can_be_reported(estimator: object) -> None:
    with pytest.raises(ValueError, match=r"Got \w+, but expected a classifier\."):
        evaluation_report(estimator, X, Y)


class TestFiles:
    """Images in files, decoded once for predictions, pictures and comparisons."""

    @pytest.fixture
    def paths(self, tmp_path: Path) -> list[str]:
        paths = [str(tmp_path / f"{i}.png") for i in range(len(X))]
        for path, image in zip(paths, X, strict=True):
            Image.fromarray(image).save(path)
        return paths

    @pytest.mark.parametrize("with_reader", [False, True])
    def test_a_report_on_files_is_that_on_their_images(
        self, fitted: Any, paths: list[str], with_reader: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clf, images = fitted, X
        if with_reader:
            clf = make_pipeline(ImageReader(size=X.shape[1:]).fit(paths), fitted)
        decoded: list[str] = []
        for module in (_sources, _image_reader):
            monkeypatch.setattr(module, "decode_image", counting(decoded), raising=False)
            monkeypatch.setattr(module, "read_image", counting(decoded), raising=False)
        of_files = evaluation_report(clf, paths, WRONG, n_mistakes=5, train_images=X[:10])
        assert sorted(decoded) == sorted(paths)
        of_images = evaluation_report(fitted, images, WRONG, n_mistakes=5, train_images=X[:10])
        assert of_files.data["scores"] == of_images.data["scores"]
        for one, other in zip(of_files.data["mistakes"], of_images.data["mistakes"], strict=True):
            assert one["name"] == paths[other["index"]]
            assert {**one, "name": ""} == {**other, "name": ""}
        assert of_files.to_html().count("<img") == of_images.to_html().count("<img")

    def test_files_are_shown_at_the_size_that_is_asked_for(
        self, fitted: Any, paths: list[str]
    ) -> None:
        report = evaluation_report(fitted, paths, WRONG, n_mistakes=1, image_shape=(30, 20))
        assert picture_sizes(report.to_html()) == {(20, 30)}

    def test_names_are_those_of_the_images_that_count(self, fitted: Any, paths: list[str]) -> None:
        weights = np.arange(len(X)) % 2
        report = evaluation_report(fitted, paths, WRONG, sample_weight=weights, n_mistakes=99)
        for mistake in report.data["mistakes"]:
            assert mistake["name"] == paths[mistake["index"]]
            assert weights[mistake["index"]] == 1


@pytest.mark.parametrize("container", [list, pd.Series])
def test_a_report_on_pil_images_is_that_on_their_pixels(fitted: Any, container: Any) -> None:
    """Pictures were drawn, and compared with those of training, without being decoded."""
    images = container(in_all_forms(X))
    report = evaluation_report(fitted, images, WRONG, n_mistakes=5, train_images=images[:10])
    expected = evaluation_report(fitted, X, WRONG, n_mistakes=5, train_images=X[:10])
    for part in ("scores", "mistakes"):
        assert report.data[part] == expected.data[part]
    assert report.data["scores"]["n_in_training"] == 10


def test_images_that_know_their_files_are_called_by_them(fitted: Any, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{i}.png") for i in range(len(X))]
    for path, image in zip(paths, X, strict=True):
        Image.fromarray(image).save(path)
    for images in (
        [Image.open(path) for path in paths],
        [{"bytes": None, "path": path} for path in paths],
    ):
        report = evaluation_report(fitted, images, WRONG, n_mistakes=3, saliency=None)
        for mistake in report.data["mistakes"]:
            assert mistake["name"] == paths[mistake["index"]]


def counting(decoded: list[str]) -> Any:
    def decode(source: Any, **options: Any) -> Any:
        decoded.append(str(source))
        return read_image(source, **options)

    return decode


def picture_sizes(page: str) -> set[tuple[int, int]]:
    """Width and height of the pictures of faces in a page."""
    found = re.findall(r'<img[^>]*src="data:image/png;base64,([^"]+)"', page)
    return {Image.open(io.BytesIO(base64.b64decode(data))).size for data in found}


class TestVotes:
    """Where raters were asked, the report tells how the model agrees with them, and whom not."""

    ANSWERS = ("columns", "unknown", "rows", "plain")

    @pytest.fixture
    def votes(self) -> Any:
        """All agree, but on images 7 and 9; nobody can name image 8."""
        places = np.array([2, 0, 3])[Y]
        votes = 10 * np.eye(4, dtype=int)[places]
        votes[7], votes[8], votes[9] = (4, 0, 3, 3), (0, 10, 0, 0), (2, 0, 8, 0)
        return votes

    def test_faces_on_which_raters_disagree_are_shown(self, linear: Any, votes: Any) -> None:
        report = evaluation_report(
            linear,
            ROWS / 255,
            Y,
            display_labels=NAMES,
            votes=votes,
            vote_names=self.ANSWERS,
            n_mistakes=0,
        )
        first, second = report.data["disputed"]
        assert (first["index"], second["index"]) == (7, 9)
        assert first["votes"] == {"columns": 4, "rows": 3, "plain": 3}
        said = linear.predict_proba(ROWS[7:8] / 255)[0]
        assert first["probabilities"] == pytest.approx(dict(zip(NAMES, said, strict=True)))
        assert list(first["probabilities"].values()) == pytest.approx(sorted(said, reverse=True))
        page = report.to_html()
        assert page.count("<img") == 2
        for text in (
            *("<h2>Votes of raters</h2>", "<h2>Faces on which raters disagree</h2>"),
            *("raters: 4 columns, 3 rows, 3 plain", "model: ", "image 7", "Agreement with a rater"),
        ):
            assert text in page
        assert "1 image without votes" in page
        expected = emotion_report(
            np.array(NAMES)[Y],
            linear.predict_proba(ROWS / 255),
            classes=NAMES,
            votes=pd.DataFrame(votes, columns=self.ANSWERS),
        )
        assert report.data["scores"]["votes"] == expected.to_dict()["votes"]
        assert "agreement of two raters" in report.to_markdown()
        json.dumps(report.data, allow_nan=False)

    def test_images_without_weight_are_left_out(self, linear: Any, votes: Any) -> None:
        weights = np.ones(60)
        weights[7] = 0
        report = evaluation_report(
            linear,
            ROWS / 255,
            Y,
            display_labels=NAMES,
            sample_weight=weights,
            votes=pd.DataFrame(votes, columns=self.ANSWERS),
            image_names=[f"face {i}" for i in range(60)],
        )
        assert [face["name"] for face in report.data["disputed"]] == ["face 9"]
        assert report.data["scores"]["votes"]["n_images"] == 58

    def test_shares_are_told_in_per_cent(self, linear: Any, votes: Any) -> None:
        options = {"display_labels": NAMES, "vote_names": self.ANSWERS, "n_disputed": 1}
        report = evaluation_report(linear, ROWS / 255, Y, votes=votes / 10, **options)
        page = report.to_html().replace("\N{NO-BREAK SPACE}", " ")
        assert "raters: columns 40 %, rows 30 %, plain 30 %" in page
        assert "unknown" in report.to_markdown()  # how often two raters agree
        assert len(report.data["disputed"]) == 1

    def test_where_all_agree_there_are_no_faces(self, linear: Any) -> None:
        votes = 10 * np.eye(3, dtype=int)[Y]
        report = evaluation_report(linear, ROWS / 255, Y, votes=votes, n_mistakes=0)
        assert report.data["disputed"] == []
        assert "Faces on which raters disagree" not in report.to_html()

    def test_without_votes_there_is_no_such_section(self, report: Any) -> None:
        assert "raters" not in report.to_markdown().replace("Saliency", "").lower()
        assert report.data["disputed"] == []

    def test_what_is_no_votes_is_refused(self, linear: Any, votes: Any) -> None:
        with pytest.raises(ValueError, match=r"votes of shape \(59, 4\)"):
            evaluation_report(linear, ROWS / 255, Y, votes=votes[1:], vote_names=self.ANSWERS)
        with pytest.raises(ValueError, match="vote_names without votes"):
            evaluation_report(linear, ROWS / 255, Y, vote_names=self.ANSWERS)
        with pytest.raises(ValueError, match="n_disputed"):
            evaluation_report(linear, ROWS / 255, Y, n_disputed=-1)


class TestGroups:
    GROUPS = np.array(["young", "old<b>"])[np.arange(60) % 2]

    def test_scores_of_groups_are_on_the_page(self, linear: Any) -> None:
        report = evaluation_report(
            linear, ROWS / 255, WRONG, display_labels=NAMES, groups=self.GROUPS, n_mistakes=0
        )
        names = np.array(NAMES)
        expected = emotion_report(
            names[WRONG],
            linear.predict_proba(ROWS / 255),
            classes=NAMES,
            groups=self.GROUPS,
        )
        assert report.data["scores"] == expected.to_dict()
        page, text = report.to_html(), report.to_markdown()
        assert "<h2>Groups</h2>" in page
        assert "old&lt;b&gt;" in page
        assert "old<b>" not in page
        assert expected.groups is not None
        for name, accuracy, *_ in expected.groups.by_group.itertuples():
            shown = name.replace("<b>", r"\<b\>")
            assert f"| {shown} | {accuracy:.3f} |" in text
        assert "not examined here beyond the groups above" in page
        assert "Gap between groups" in page

    def test_images_without_weight_are_left_out(self, linear: Any) -> None:
        weights = np.where(np.arange(60) < 10, 0, 1)
        options: dict[str, Any] = {"groups": self.GROUPS, "n_mistakes": 0}
        report = evaluation_report(linear, ROWS / 255, Y, sample_weight=weights, **options)
        rows = report.data["scores"]["groups"]["by_group"]
        assert {name: row["support"] for name, row in rows.items()} == {"young": 25, "old<b>": 25}

    def test_a_single_group(self, linear: Any) -> None:
        report = evaluation_report(linear, ROWS / 255, Y, groups=["all"] * 60, n_mistakes=0)
        page = report.to_html()
        assert "<h2>Groups</h2>" in page
        assert "Gap between groups" not in page

    def test_without_groups_there_is_no_such_section(self, report: Any) -> None:
        assert "<h2>Groups</h2>" not in report.to_html()
        assert "not examined here. Decide" in report.to_html()
