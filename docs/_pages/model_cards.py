"""A page with the cards of all released models, as `model_card` returns them."""

from __future__ import annotations

import re

from _pages.places import GENERATED, write

_HEAD = """# Model cards

What each trained model was made from, its scores, for what it may be used and where it fails: what
`ferclassifier.model_card(name)` returns and `ferclassifier models NAME` prints. How to load and use
them stands in [Trained models](../pretrained.md).

"""


def write_model_cards() -> None:
    """Write the page."""
    from ferclassifier import list_pretrained, model_card

    cards = [_one_level_down(model_card(name)) for name in list_pretrained()]
    write(GENERATED / "model_cards.md", _HEAD + "\n".join(cards))


def _one_level_down(card: str) -> str:
    """Lower the headings of a card, but not the comments in its code."""
    parts = re.split(r"(^```.*?^```$)", card, flags=re.M | re.S)
    return "".join(
        part if part.startswith("```") else re.sub(r"^#", "##", part, flags=re.M) for part in parts
    )
