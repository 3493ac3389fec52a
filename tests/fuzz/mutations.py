"""Changes of an input, by its bytes and by its words."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from random import Random

LARGEST = 2**16

_ODD_BYTES = (0x00, 0x01, 0x20, 0x22, 0x2C, 0x7F, 0x80, 0xFE, 0xFF)
_ODD_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
_ODD_WORDS = (
    *(b"", b"0", b"-1", b"1e999", b"nan", b"9" * 25, b"9" * 5_000, b"0x" + b"f" * 4_000, b"1_0"),
    *(b'"', b"'", b"\\", b"\r", b"\n", b"\0", b"\xff", "\ufeff".encode(), "\u0663".encode()),
    *(b"[" * 300, b"{" * 300, b"../", b"null", b"true", b"\xed\xa0\x80", b"%00", b"a" * 3_000),
)
_WORDS = re.compile(rb"\w+|\s+|[^\w\s]")


def changed(content: bytes, rng: Random, others: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Change an input a few times.

    Parameters
    ----------
    content : bytes
    rng : Random
    others : sequence of bytes
        Inputs of which parts are taken.
    words : sequence of bytes
        What means something to the reader.
    """
    known = [*words, *_ODD_WORDS]
    while True:
        kinds = _OF_WORDS if rng.random() < 0.3 else _OF_BYTES
        content = rng.choice(kinds)(content, rng, others, known)[:LARGEST]
        if rng.random() < 0.4:
            return content


def _flip(content: bytes, rng: Random, *_: object) -> bytes:
    return _put(content, rng, lambda byte: byte ^ 1 << rng.randrange(8))


def _replace_byte(content: bytes, rng: Random, *_: object) -> bytes:
    return _put(content, rng, lambda _: rng.choice(_ODD_BYTES))


def _put(content: bytes, rng: Random, change: Callable[[int], int]) -> bytes:
    if not content:
        return bytes([rng.randrange(256)])
    made, place = bytearray(content), rng.randrange(len(content))
    made[place] = change(made[place])
    return bytes(made)


def _put_number(content: bytes, rng: Random, *_: object) -> bytes:
    kind = rng.choice(("<B", "<H", ">H", "<I", ">I", "<Q", ">Q"))
    n_bytes = struct.calcsize(kind)
    number = (rng.choice(_ODD_NUMBERS) + rng.choice((0, 0, 1, -1))) % 2 ** (8 * n_bytes)
    place = rng.randrange(len(content) + 1)
    return content[:place] + struct.pack(kind, number) + content[place + n_bytes :]


def _part(content: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(content) + 1)
    longest = rng.choice((4, 64, 1_024, len(content)))
    return start, min(len(content), start + rng.randrange(longest + 1))


def _cut(content: bytes, rng: Random, *_: object) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _leave_out(content: bytes, rng: Random, *_: object) -> bytes:
    start, end = _part(content, rng)
    return content[:start] + content[end:]


def _repeat(content: bytes, rng: Random, *_: object) -> bytes:
    start, end = _part(content, rng)
    return content[:end] + content[start:end] * rng.choice((1, 1, 1, 30)) + content[end:]


def _splice(content: bytes, rng: Random, others: Sequence[bytes], _: object) -> bytes:
    other = rng.choice(others)
    start, end = _part(other, rng)
    place, after = _part(content, rng)
    return content[:place] + other[start:end] + content[after if rng.random() < 0.5 else place :]


def _insert_word(
    content: bytes, rng: Random, others: Sequence[bytes], words: Sequence[bytes]
) -> bytes:
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.choice(words) + content[place:]


def _replace_word(
    content: bytes, rng: Random, others: Sequence[bytes], words: Sequence[bytes]
) -> bytes:
    found = _word_at(content, rng)
    return content[: found[0]] + rng.choice(words) + content[found[1] :]


def _swap_words(content: bytes, rng: Random, *_: object) -> bytes:
    (a, b), (c, d) = sorted((_word_at(content, rng), _word_at(content, rng)))
    if c < b:
        return content[:a] + content[b:]
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _swap_lines(content: bytes, rng: Random, *_: object) -> bytes:
    lines = content.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], rng.choice((lines[i], lines[j], b""))
    return b"\n".join(lines)


def _word_at(content: bytes, rng: Random) -> tuple[int, int]:
    """Return the ends of a word, found from some place on."""
    found = _WORDS.search(content, rng.randrange(len(content) + 1))
    return found.span() if found else (len(content), len(content))


_Change = Callable[[bytes, Random, Sequence[bytes], Sequence[bytes]], bytes]
_OF_BYTES: tuple[_Change, ...] = (
    *(_flip, _flip, _replace_byte, _put_number, _cut, _leave_out, _repeat, _splice),
)
_OF_WORDS: tuple[_Change, ...] = (_insert_word, _replace_word, _swap_words, _swap_lines)
