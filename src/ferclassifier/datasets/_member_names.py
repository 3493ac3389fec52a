"""The names of an archive's members, brought to one form."""

from __future__ import annotations

from collections.abc import Sequence

# In code page 437 these bytes are lines, Greek letters and mathematical signs, which stand in no
# name, but for those of the Greek letters that people write with: sharp s, micro, degree, square.
_NO_LETTERS_IN_437 = frozenset(range(0xB0, 0x100)) - {0xE1, 0xE6, 0xF8, 0xFD}
_NO_LETTERS_IN_1252 = frozenset(range(0x80, 0xA0)) - {0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F}


def decode_names(names: Sequence[bytes]) -> list[str]:
    """Decode names of which nothing says how they are encoded.

    UTF-8 is told by itself. What is not, is in an old code page of Windows or DOS: in 1252 where
    the other would make lines and Greek letters of it, or else in 437. Each gives a character for
    every byte, so that different names stay different.
    """
    try:
        return [name.decode() for name in names]
    except UnicodeDecodeError:
        used = set().union(*names)
        is_1252 = used & _NO_LETTERS_IN_437 and not used & _NO_LETTERS_IN_1252
        encoding = "cp1252" if is_1252 else "cp437"
        return [name.decode(encoding) for name in names]


def plain_name(stored: str) -> str | None:
    """Write a name with forward slashes and nothing superfluous; None if it may lead outside.

    Windows' own tools write backslashes, and some versions of tar begin with "./".
    """
    slashed = stored.replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in ("", ".")]
    name = "/".join(parts)
    if slashed.startswith("/") or name[1:2] == ":" or ".." in parts:
        return None
    return name
