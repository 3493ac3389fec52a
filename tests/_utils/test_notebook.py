"""Tables and texts for a notebook."""

from __future__ import annotations

import pandas as pd

from ferclassifier._utils.notebook import as_html


def test_all_is_escaped_and_nothing_is_cut() -> None:
    long = "a long text, " * 10
    html = as_html(pd.DataFrame({"<b>": [long]}, index=["\x1b[31m"]), "one & two\n\nthree")
    assert "&lt;b&gt;" in html
    assert "\\x1b[31m" in html
    assert long.strip() in html
    assert html.endswith("<p>one &amp; two</p><p>three</p></div>")


def test_numbers_have_three_places() -> None:
    assert "<td>0.333</td>" in as_html(pd.DataFrame({"share": [1 / 3]}))
