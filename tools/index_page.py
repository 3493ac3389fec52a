"""The README as a package index shows it, and the project's addresses, for hatchling.

An index shows the README alone. With the address of the repository, which stands in pyproject.toml
and nowhere else, links to files and pictures lead there, to the version that is built. Without one,
links become their text and pictures go. What is said of a clone is said of the index.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)]+)\)\n*")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:)([^)]+)\)")
_IN_A_CLONE = re.compile(r"\s+In a clone of\s+this\s+repository:")
_FROM_A_CLONE = "pip install --constraint constraints.txt ."


class IndexPage(MetadataHookInterface):
    """Gives the metadata their README and their addresses."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set what pyproject.toml calls dynamic."""
        repository = self.config["repository"].rstrip("/")
        root = Path(self.root)
        text = (root / "README.md").read_text(encoding="utf-8")
        page = page_of(text, root, repository, f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": page}
        changelog = f"{repository}/blob/v{metadata['version']}/CHANGELOG.md"
        urls = {"Source": repository, "Issues": f"{repository}/issues", "Changelog": changelog}
        metadata["urls"] = urls if repository else {}


def page_of(text: str, root: Path, repository: str, tag: str) -> str:
    """Return a README for who sees nothing but it.

    Parameters
    ----------
    text : str
        The README.
    root : Path
        Where its links begin.
    repository : str
        The public address, without a slash at its end, of a host whose pages are named as those of
        GitHub and GitLab are; "" if there is none.
    tag : str
        The version, as it is tagged there.
    """
    text = _IN_A_CLONE.sub("", text).replace(_FROM_A_CLONE, "pip install ferclassifier")
    if not repository:
        return _LINK.sub(r"\1", _PICTURE.sub("", text))

    def absolute(link: re.Match[str]) -> str:
        kind = "tree" if (root / link[2].partition("#")[0]).is_dir() else "blob"
        return f"[{link[1]}]({repository}/{kind}/{tag}/{link[2]})"

    text = _PICTURE.sub(
        lambda picture: f"![{picture[1]}]({repository}/raw/{tag}/{picture[2]})\n\n", text
    )
    return _LINK.sub(absolute, text)
