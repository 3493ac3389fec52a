"""The card of a released model tells its facts."""

from __future__ import annotations

from collections.abc import Callable

from ferclassifier.pretrained import model_card
from ferclassifier.pretrained._facts import ModelFacts
from helpers import vote_scores


class TestCard:
    SECTIONS = (
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses",
        "Ethical considerations",
        "Caveats and recommendations",
    )

    def test_it_has_the_sections_of_mitchell_et_al(
        self, release: Callable[..., ModelFacts]
    ) -> None:
        release("compact")
        card = model_card("compact")
        lines = card.splitlines()
        # A notebook would show a str as one line.
        assert card._repr_markdown_() == card  # type: ignore[attr-defined]
        assert lines[0] == "# Model card: compact"
        assert tuple(line[3:] for line in lines if line.startswith("## ")) == self.SECTIONS

    def test_it_tells_the_facts(self, release: Callable[..., ModelFacts]) -> None:
        facts = release("compact", members={"a": 0.25, "b": 0.75}, speed="2 ms an image")
        card = model_card("compact")
        scores = facts.scores["all"]
        assert f"{100 * scores.accuracy:.1f} %" in card
        for text in (
            "A small network \\[for tests\\]",  # no link
            "1,234",
            "6 million",
            "7.9 MB",
            "1.500",
            "a (0.25), b (0.75)",
            "2 ms an image",
            "epochs=12",
            "| jax | 90 | 100.00 % | 1.0e-06 |",
            *(f"{100 * share:.1f} %" for share in scores.accuracy_interval),
        ):
            assert text in card
        missed = min(scores.classes, key=lambda name: scores.classes[name].recall)
        assert f"**Missed most often**: {missed} (" in card

    def test_it_says_what_the_model_must_not_be_used_for(
        self, release: Callable[..., ModelFacts]
    ) -> None:
        release("compact")
        card = model_card("compact")
        for text in ("Article 5(1)(f)", "Decisions on persons", "Age", "436 disgust", "MIT"):
            assert text in card

    def test_it_tells_how_close_a_model_is_to_votes(
        self, release: Callable[..., ModelFacts]
    ) -> None:
        release("compact")
        assert "FER+" not in model_card("compact")
        release("plus", labels="FER+", votes=vote_scores())
        card = model_card("plus")
        for text in (
            "arXiv:1608.01041",
            "| 8 | 30 | 90.0 % | 74.4 % to 96.5 % |",
            "on 75.0 % of the images on which most agree, two of the people on 70.0 %",
            "At the temperature 0.568 they are 0.020 and 0.300",
            "0.012",
            "95 % interval of recall",
        ):
            assert text in card
        assert "65 ± 5 %" not in card  # which are FER-2013's labels
