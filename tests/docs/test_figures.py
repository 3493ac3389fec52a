"""Every figure of the pages tells its source, and is what the source says."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import page_sources
from helpers import REPOSITORY
from page_figures import faults_of
from page_sources import CARDS, RESULTS

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_figures_are_those_of_their_sources(page: Path) -> None:
    found = faults_of(name_of(page), page.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_every_file_of_results_is_named() -> None:
    """A file that nobody reads would be kept in vain."""
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    unused = [path.name for path in RESULTS.glob("*.md") if path.name not in told]
    assert unused == []


@pytest.mark.parametrize("card", sorted(CARDS.glob("*.json")), ids=lambda path: path.stem)
def test_cards_are_on_the_page_of_the_models(card: Path) -> None:
    """The scores of each model, on each part of PublicTest, are taken from its card."""
    page = (REPOSITORY / "docs" / "pretrained.md").read_text()
    for part in json.loads(card.read_text())["scores"]:
        assert re.search(rf"{card.name} \| scores\.{part} \| .*\baccuracy\b", page), part


IN_VOTES = {"plus": "plus_balanced", "best": "wide_voted", "compact": "compact"}
OF_VOTES = {
    "all": "all",
    "without_copies": "without copies",
    "without_near_duplicates": "without near duplicates",
}


@pytest.mark.parametrize("model", IN_VOTES)
def test_cards_are_what_the_comparison_measured(model: str) -> None:
    """The networks were scored once more when they were released, with the views of the release."""
    card = json.loads((CARDS / f"{model}.json").read_text())
    with (RESULTS / "votes.csv").open(newline="") as file:
        rows = {
            row["images"]: row
            for row in csv.DictReader(file)
            if (row["network"], row["views"]) == (IN_VOTES[model], card["test_time_augmentation"])
        }
    for part, scores in card["scores"].items():
        row = rows[OF_VOTES[part]]
        assert scores["accuracy"] == pytest.approx(float(row["accuracy"]), abs=3e-4)
        assert scores["macro_f1"] == pytest.approx(float(row["macro_f1"]), abs=1.1e-3)


RACE = """\
recipe,seed,accuracy,seconds
plain,0,0.6612,858
plain,1,0.6712,862
fast,0,0.6547,90
"""
NOTES = """\
# Memory

| fit | before, MB | growth, MB |
|---|---|---|
| bytes | 733 | 191 |
| | 735 | 193 |

| what | figure |
|---|---|
| a run once more | 83 to 96 % |
"""


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "race.csv").write_text(RACE)
    (tmp_path / "memory.md").write_text(NOTES)
    monkeypatch.setattr(page_sources, "RESULTS", tmp_path)
    page_sources.tables_in.cache_clear()
    yield
    page_sources.tables_in.cache_clear()


@pytest.mark.usefixtures("results")
class TestLanguage:
    @pytest.mark.parametrize(
        ("paragraph", "marker"),
        [
            ("It is right on 66.6 %.", "66.6 %: race.csv | plain | accuracy | mean"),
            ("Right on 0.6547 of them.", "0.6547: race.csv | fast | accuracy"),
            ("It takes 1.5 minutes.", "1.5 minutes: race.csv | fast | seconds"),
            ("9.5 times as fast", "9.5 times: race.csv | plain & seed=0 | seconds over "
             "race.csv | fast | seconds"),
            ("1.1 points less", "1.1 points: race.csv | plain | accuracy | mean minus "
             "race.csv | fast | accuracy"),
            ("some 190 MB", "some 190 MB: memory.md | 733 | growth, MB"),
            ("at most 200 MB", "at most 200 MB: memory.md | before, MB=733 | growth, MB"),
            ("0.191 GB", "0.191 GB: memory.md | 733 | growth..."),
            ("83 to 96 % of it", "83 to 96 %: memory.md | a run once more | #1 ; "
             "memory.md | a run once more | figure #2"),
            ("1,000 s are too long", "1,000 s: given as an example"),
            ("people reach 65 ± 5 %", "65 ± 5 %: cited Goodfellow et al. 2013"),
            ("```\nx = 0.991\n```", ""),
            ("```\nclf.score(X, y)  # 0.6547\n```", "0.6547: race.csv | fast | accuracy"),
            ("at most 20 MB", "20 MB: code ferclassifier.app:Limits._field_defaults."
             "max_bytes in bytes"),
        ],
    )  # fmt: skip
    def test_a_figure_that_is_right(self, paragraph: str, marker: str) -> None:
        assert faults_of("page.md", f"{paragraph}\n<!-- {marker} -->\n") == []

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("It is right on 67.7 %.", "'67.7 %' has no source"),
            ("```\nclf.score(X, y)  # 0.677\n```", "'0.677' has no source"),
            ("67.7 %\n<!-- 67.7 %: race.csv | plain | accuracy | mean -->", "66.62 % is what"),
            ("Good.\n<!-- 66.6 %: race.csv | plain | accuracy | mean -->", "not written there"),
            ("9 s\n<!-- 9 s: race.csv | slow | seconds -->", "no such cell"),
            ("9 s\n<!-- 9 s: race.csv | plain | seconds -->", "2 cells; say more of the row"),
            ("9 s\n<!-- 9 s: races.csv | plain | seconds -->", "there is no benchmarks/results"),
            ("Quick.\n<!-- 9 s -->", "is no FIGURE: SOURCE"),
            ("9 s\n<!-- 9 s: memory.md | 733 | growth, MB -->", "cannot be told from"),
            ("9 s\n<!-- 9 s: given -->", "is no FILE"),
            ("at most 100 MB\n<!-- at most 100 MB: memory.md | 733 | growth, MB -->", "191"),
            ("| a | b |\n|---|---|\n| x | 0.654 |", "the row 'x' has figures without a source"),
            ("| a | b |\n|---|---|\n| x | 0.653 |\n<!-- row x: race.csv | fast | accuracy -->",
             "'0.653' is written"),
            ("<!-- table: memory.md -->\n| what | figure |\n|---|---|\n| a run | 83 to 96 % |",
             "memory.md has no row a run | 83 to 96 %; it has [['a run once more'"),
            ("<!-- table: race.csv -->\n| recipe | seconds |\n|---|---|\n| fast | 91 |",
             "race.csv has no row fast | 91"),
        ],
    )  # fmt: skip
    def test_a_figure_that_is_wrong(self, text: str, fault: str) -> None:
        (found,) = faults_of("page.md", f"# Page\n\n{text}\n")
        assert found.startswith("page.md:")
        assert fault in found

    def test_tables_that_are_those_of_files(self) -> None:
        copy = NOTES.split("\n\n")[1].replace("733", "**733**")
        rounded = "| recipe | accuracy, % |\n|---|---|\n| `plain` | 66.1 |\n"
        text = f"<!-- table: memory.md -->\n{copy}\n\n"
        text += f"<!-- table: race.csv | accuracy, % = accuracy -->\n{rounded}"
        assert faults_of("page.md", text) == []
