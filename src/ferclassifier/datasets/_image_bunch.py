"""A Bunch that shows itself in a few lines."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ferclassifier._utils.printable import NO_FORMULAS, printable
from ferclassifier._utils.wording import count


class ImageBunch(Bunch):  # type: ignore[misc]
    """What a loader returns: scikit-learn's Bunch, shown by how many images of what it has."""

    def __repr__(self) -> str:
        if not self._is_whole():
            return str(super().__repr__())
        return f"<{self._told()}: {', '.join(self)}>"

    def _repr_html_(self) -> str:
        """Show the number of images of each class as a table in a notebook."""
        if not self._is_whole():
            return f"<pre>{escape(repr(self))}</pre>"
        names, counts = np.unique(np.asarray(self["target"]), return_counts=True)
        rows = "".join(
            f"<tr><th>{escape(printable(str(name)))}</th><td>{n:,}</td></tr>"
            for name, n in zip(names.tolist(), counts.tolist(), strict=True)
        )
        has = ", ".join(f"<code>{escape(name)}</code>" for name in self)
        return (
            f'<div class="{NO_FORMULAS}"><p>{escape(self._told())}</p>'
            f"<table><tbody>{rows}</tbody></table><p>It has {has}.</p></div>"
        )

    def _is_whole(self) -> bool:
        """Tell whether nobody has taken out what is told of."""
        return "target" in self and isinstance(self.get("images"), np.ndarray)

    def _told(self) -> str:
        images: np.ndarray[Any, Any] = self["images"]
        size = " x ".join(map(str, images.shape[1:]))
        n_classes = len(np.unique(np.asarray(self["target"])))
        return f"{count(len(images), 'image')} of {size} in {count(n_classes, 'class', 'classes')}"
