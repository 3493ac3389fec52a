"""The scores of a search in a file: what is there is whole, whoever was killed or out of room."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ferclassifier._files.search_scores import FoldScore, SearchScores
from ferclassifier.exceptions import CheckpointError

FINGERPRINT = {"X": ("", "a1"), "scoring": ("'accuracy'", "accuracy")}


def score(key: str) -> FoldScore:
    return FoldScore(key, images="i", candidate="c", score=1 / 3, fit_seconds=0.1)


def keys(scores: SearchScores) -> list[str]:
    return [score.fit for score in scores.all()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search.checkpoint"


@pytest.fixture
def scores(path: Path) -> SearchScores:
    scores = SearchScores(path)
    assert scores.begin(FINGERPRINT) == 0
    return scores


def test_scores_come_back_to_the_bit(path: Path, scores: SearchScores) -> None:
    scores.add(score("a"))
    scores.add(score("b"))
    again = SearchScores(path)
    assert again.begin(FINGERPRINT) == 2
    assert list(again.all()) == [score("a"), score("b")]
    again.remove()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("n_bytes", range(1, 60, 7))
def test_half_a_line_is_none_and_costs_no_other(
    path: Path, scores: SearchScores, n_bytes: int
) -> None:
    scores.add(score("a"))
    scores.add(score("b"))
    os.truncate(path, path.stat().st_size - n_bytes)
    scores.add(score("c"))
    assert keys(scores) == (["a", "b", "c"] if n_bytes == 1 else ["a", "c"])


def test_several_write_at_once(scores: SearchScores) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: scores.add(score(str(i))), range(80)))
    assert sorted(keys(scores)) == sorted(map(str, range(80)))


def test_another_search_is_refused(path: Path, scores: SearchScores) -> None:
    scores.add(score("a"))
    before = path.read_bytes()
    other = {"X": ("", "b2"), "scoring": ("'f1_macro'", "f1_macro")}
    with pytest.raises(CheckpointError, match=r"another search: X is another and scoring is 'f1_"):
        SearchScores(path).begin(other)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"kind": "a song"}', b"[" * 9999]
)
def test_another_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"no checkpoint of a search .*choose another name"):
        SearchScores(path).begin(FINGERPRINT)
    assert path.read_bytes() == content


def test_a_worker_of_a_search_that_is_over_begins_no_file(path: Path, scores: SearchScores) -> None:
    scores.remove()
    with pytest.raises(FileNotFoundError):
        scores.add(score("a"))
    assert not path.exists()


def test_lines_that_are_no_scores_are_left_out(path: Path, scores: SearchScores) -> None:
    with path.open("a") as file:
        file.write("\n" + json.dumps({"fit": "a"}) + "\n3\n")
    assert keys(scores) == []
