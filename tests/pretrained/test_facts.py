"""The facts of a released model: what they must agree in, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ferclassifier.exceptions import DataError
from ferclassifier.metrics import emotion_report, wilson_interval
from ferclassifier.pretrained._facts import Agreement, ModelFacts, Scores, Training
from ferclassifier.pretrained._vote_facts import Accuracy
from helpers import facts_of, vote_scores


class TestFacts:
    def test_json_brings_back_what_was_written(self) -> None:
        facts = facts_of("compact", members={"a": 1.0}, speed="1 ms an image")
        assert ModelFacts.from_json(facts.to_json()) == facts

    def test_votes_are_told_too(self) -> None:
        facts = facts_of("plus", labels="FER+", votes=vote_scores())
        assert ModelFacts.from_json(facts.to_json()) == facts

    def test_facts_may_know_nothing_of_votes(self) -> None:
        """Those that were written before there were any."""
        facts = facts_of("compact")
        told = json.loads(facts.to_json())
        del told["labels"], told["votes"]
        for scores in told["scores"].values():
            for row in scores["classes"].values():
                del row["recall_interval"]
        read = ModelFacts.from_json(json.dumps(told))
        assert (read.labels, read.votes) == ("FER-2013", None)
        assert read.scores["all"].classes["x"].recall_interval is None

    def test_scores_are_those_of_the_report(self) -> None:
        y, proba = ["a", "b", "b", "b"], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
        report = emotion_report(y, proba)
        scores = Scores.of(report)
        assert (scores.n_images, scores.accuracy) == (4, 0.75)
        assert scores.accuracy_interval == pytest.approx(report.accuracy_interval, abs=1e-4)
        assert scores.log_loss == pytest.approx(report.log_loss, abs=1e-4)
        assert (scores.classes["b"].recall, scores.classes["b"].support) == (0.6667, 3)
        expected = pytest.approx(wilson_interval(2 / 3, 3), abs=1e-4)
        assert scores.classes["b"].recall_interval == expected

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"summary": " "}, "summary is empty"),
            ({"n_parameters": 0}, "n_parameters is not positive"),
            ({"temperature": float("inf")}, "temperature is not positive"),
            ({"training": Training({}, 0, 1.0, "")}, "training has no epochs"),
            ({"scores": {}}, "scores are on"),
            ({"classes": ["x", "z", "y"]}, "the classes are"),
            ({"backends": {"mxnet": Agreement(1, 1.0, 0.0)}}, "backends are"),
            ({"backends": {"jax": Agreement(1, 1.5, 0.0)}}, r"backends.jax: not in \[0, 1\]"),
            ({"members": {"a": -1.0}}, "members have weights"),
            ({"votes": vote_scores(agreement=1.1)}, r"votes: a rate is not in \[0, 1\]"),
            ({"votes": vote_scores(agreement=0.9)}, "votes: more people agree"),
            ({"votes": vote_scores(divergence=float("inf"))}, "votes: a divergence .* not finite"),
            ({"votes": vote_scores(majority_temperature=0.0)}, "majority_temperature is not"),
            ({"votes": vote_scores(by_agreement={"5": Accuracy(3, 0.9, (0.1, 0.2))})}, "by_agreem"),
        ],
    )
    def test_facts_that_cannot_be_are_refused(self, changes: Any, problem: str) -> None:
        with pytest.raises(DataError, match=problem):
            facts_of("compact", **changes).validate()

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"accuracy": 0.9}, "outside its interval"),
            ({"accuracy": 0.5, "accuracy_interval": (0.4, 0.6)}, "does not follow from the recall"),
            ({"macro_f1": 0.9}, "is not the mean"),
            ({"n_images": 91}, "is not the sum"),
            ({"log_loss": float("nan")}, "not finite"),
            ({"expected_calibration_error": 1.2}, r"not in \[0, 1\]"),
        ],
    )
    def test_scores_that_contradict_each_other_are_refused(
        self, changes: Any, problem: str
    ) -> None:
        facts = facts_of("compact")
        wrong = replace(facts.scores["all"], **changes)
        with pytest.raises(DataError, match=f"scores.all: .*{problem}"):
            replace(facts, scores={**facts.scores, "all": wrong}).to_json()

    @pytest.mark.parametrize(
        ("path", "value", "where"),
        [
            (["n_parameters"], 1.5, r"facts\.n_parameters=1\.5, but expected int"),
            (["n_parameters"], True, "facts.n_parameters=True"),
            (["name"], 7, "facts.name=7, but expected str"),
            (["classes"], "xyz", "facts.classes='xyz'"),
            (["test_time_augmentation"], "five", "facts.test_time_augmentation='five'"),
            (["scores", "all", "accuracy_interval"], [0.1], "accuracy_interval=.0.1"),
            (["scores", "all", "classes", "x", "recall"], None, r"classes\.x\.recall=None"),
            (["extra"], 1, "facts with .*extra"),
            (["training"], {}, "facts.training with"),
            (["labels"], "CK+", "facts.labels='CK.'"),
            (["votes"], 1, "facts.votes with 1"),
        ],
    )
    def test_json_of_other_types_is_refused(self, path: Any, value: Any, where: str) -> None:
        facts = json.loads(facts_of("compact").to_json())
        inside = facts
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = value
        with pytest.raises(DataError, match=where):
            ModelFacts.from_json(json.dumps(facts))

    def test_what_is_no_json_is_refused(self) -> None:
        with pytest.raises(DataError, match="no JSON"):
            ModelFacts.from_json("{")
