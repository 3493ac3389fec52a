"""Flips and cuts of the files of models: each is to be refused, by one kind of error.

python tests/fuzz/damage.py                    # 20,000 of each of two released files
python tests/fuzz/damage.py --damages 1000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from ferclassifier._files.released import onnx_of, weights_of
from ferclassifier._onnx import OnnxModel
from ferclassifier.exceptions import ModelFileError
from ferclassifier.persistence import load_model

_MODEL = "tiny"


def main() -> int:
    """Damage both files, and say what has come of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--damages", type=int, default=20_000, help="of each file")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    are_refused = True
    for what, lent, load in (
        ("model file", weights_of, load_model),
        ("ONNX file", onnx_of, OnnxModel),
    ):
        with lent(_MODEL) as path:
            content = path.read_bytes()
        found = outcomes(content, load, args.damages, args.seed)
        told = ", ".join(f"{n:,} {name}" for name, n in found.most_common())
        print(f"{what} of {len(content):,} bytes: {told}")
        are_refused &= set(found) == {ModelFileError.__name__}
    return int(not are_refused)


def outcomes(
    content: bytes, load: Callable[[Path], Any], n_damages: int, seed: int
) -> Counter[str]:
    """Count what is raised of so many damaged files; "loaded" are those of which nothing is.

    Parameters
    ----------
    content : bytes
        A file that can be loaded.
    load : callable
        Takes its path.
    n_damages, seed : int
    """
    rng, found = Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged"
        for _ in range(n_damages):
            path.write_bytes(damaged(content, rng))
            try:
                load(path)
                found["loaded"] += 1
            except Exception as error:
                found[type(error).__name__] += 1
    return found


def damaged(content: bytes, rng: Random) -> bytes:
    """Flip a bit, put another byte somewhere, cut the end off, or leave some bytes out."""
    # Half of them in what describes a model, at the beginning of one kind of file and the end of
    # the other: most of a file is weights.
    place = rng.randrange(len(content))
    if rng.random() < 0.5:
        place = rng.choice((place % 4_096, len(content) - 1 - place % 4_096)) % len(content)
    kind = rng.randrange(4)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + content[place + rng.randrange(1, 100) :]
    other = content[place] ^ (1 << rng.randrange(8) if kind == 2 else rng.randrange(1, 256))
    return content[:place] + bytes([other]) + content[place + 1 :]


if __name__ == "__main__":
    sys.exit(main())
