"""Model files that were tampered with, such that their sums are right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ferclassifier._files import container, seal

Change = Callable[[dict[str, Any], dict[str, Any]], Any]


def sealed(header: dict[str, Any] | str, data: bytes) -> bytes:
    """A file of a header and data as they are, the zeros of its sum replaced by the sum."""
    text = header if isinstance(header, str) else json.dumps(header)
    content = len(text.encode()).to_bytes(8, "little") + text.encode() + data
    return seal.sealed(content, container._SUM_MARK)


def taken_apart(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a file, with zeros for the sum, and its data."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    manifest = json.loads(header["__metadata__"]["ferclassifier"])
    manifest["sha256"] = "0" * 64
    header["__metadata__"]["ferclassifier"] = json.dumps(manifest, separators=(",", ":"))
    return header, content[8 + length :]


def forge(source: Path, path: Path, change: Change) -> None:
    """Write a file with a right sum over a manifest and tensors that were tampered with."""
    manifest, tensors = container.read_model_file(source)
    change(manifest, tensors)
    container.write_model_file(path, manifest, tensors)


def setting(*keys: str | int, to: Any) -> Change:
    """A change of one value of the manifest."""

    def change(manifest: Any, _: Any) -> None:
        for key in keys[:-1]:
            manifest = manifest[key]
        manifest[keys[-1]] = to

    return change


def architecture_with(name: str = "gap_cnn", **params: Any) -> Change:
    pairs = [[key, value] for key, value in params.items()]
    return setting("model", "network", to={"architecture": name, "params": {"dict": pairs}})


def renaming(old: str, new: str) -> Change:
    return lambda _, tensors: tensors.update({new: tensors.pop(old)})
