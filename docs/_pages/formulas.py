"""Formulas as MathML, which browsers draw by themselves: MathJax would be loaded from elsewhere."""

from __future__ import annotations

from typing import Any

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml


def add_mathml(app: Any) -> None:
    """Give Sphinx a renderer of formulas with the name "mathml"."""
    app.add_html_math_renderer("mathml", (_within_a_line, None), (_on_its_own, None))


def _within_a_line(translator: Any, node: Any) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise SkipNode


def _on_its_own(translator: Any, node: Any) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    raise SkipNode
