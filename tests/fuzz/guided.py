"""Fuzzing by atheris, which keeps inputs that reach code that no other has reached.

It comes by `pip install atheris` and is asked for by nothing else. Inputs are changed by
`mutations` and `structures` as without it; what it adds is the choice of what is changed again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["ferclassifier"]):
    from fuzz import mutations
    from fuzz.readers import READERS
    from fuzz.worker import outcome


def main(name: str, failures: str, seed: str, *options: str) -> None:
    """Fuzz a reader; libFuzzer ends this process, with a code other than 0 if it has found a fault.

    Parameters
    ----------
    name : str
    failures : str
        A folder for an input that does what it may not.
    seed : str
    *options : str
        Of libFuzzer.
    """
    reader = READERS[name]
    known = reader.seeds()
    with atheris.instrument_imports(include=["ferclassifier"]):  # what is imported when it is used
        for content in known:
            outcome(reader, content)

    def mutated(content: bytes, most_bytes: int, drawn: int) -> bytes:
        rng = Random(drawn)

        def change(part: bytes) -> bytes:
            return mutations.changed(part, rng, known, reader.words)

        if reader.within is not None and rng.random() < 0.6:
            return reader.within(content, rng, change)[:most_bytes]
        return change(content)[:most_bytes]

    def try_one(content: bytes) -> None:
        fault, _ = outcome(reader, content)
        if fault:
            raise AssertionError(fault)

    with tempfile.TemporaryDirectory() as folder:
        for i, content in enumerate(known):
            (Path(folder) / str(i)).write_bytes(content)
        arguments = [
            f"-artifact_prefix={failures}/{name}_",
            f"-seed={int(seed) + 1}",
            "-timeout=10",
        ]
        arguments += [f"-max_len={mutations.LARGEST}", "-rss_limit_mb=2000", *options, folder]
        atheris.Setup([sys.argv[0], *arguments], try_one, custom_mutator=mutated)
        atheris.Fuzz()
