"""Processes that are forked from one that has used TensorFlow waited for ever in predict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import REPOSITORY

SCRIPT = """
import multiprocessing, os, pickle, signal, sys
from ferclassifier import FERClassifier
from ferclassifier.exceptions import FERClassifierError
from ferclassifier.inspection import saliency
from helpers import patterns, tiny_classifier
import ferclassifier._keras.network  # loads TensorFlow

X, y = patterns(30)
path = sys.argv[1]


def asked(what, task):
    pid = os.fork()
    if not pid:
        signal.alarm(60)  # what waits for ever ends here
        try:
            task()
            print(what, "works", flush=True)
        except Exception as error:
            kinds = [kind.__name__ for kind in (FERClassifierError, RuntimeError)]
            is_both = isinstance(error, FERClassifierError) and isinstance(error, RuntimeError)
            print(what, type(error).__name__, is_both, "forked" in str(error), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)


def predicted():
    return clf.predict(X).tolist()


if __name__ == "__main__":
    asked("loaded", lambda: tiny_classifier(epochs=1).fit(X, y).predict(X))
    clf = tiny_classifier(epochs=1).fit(X, y)
    clf.save(path)
    asked("predict", predicted)
    asked("proba", lambda: clf.predict_proba(X[:1]))
    asked("fit", lambda: clf.fit(X, y))
    asked("partial_fit", lambda: clf.partial_fit(X, y))
    asked("saliency", lambda: saliency(clf, X[:2], "gradient", target=0))
    asked("file", lambda: FERClassifier.load(path).predict(X))
    asked("pickle", lambda: pickle.dumps(clf))
    for way in ("spawn", "forkserver"):
        with multiprocessing.get_context(way).Pool(1) as pool:
            assert pool.apply(FERClassifier.predict, (clf, X)).tolist() == predicted()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_they_say_so_at_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", script, tmp_path / "model.safetensors"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "tests"), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    refused = "ForkedProcessError True True"
    assert run.stdout.splitlines() == [
        "loaded works",
        *(f"{what} {refused}" for what in ("predict", "proba", "fit", "partial_fit")),
        *(f"{what} {refused}" for what in ("saliency", "file")),
        "pickle works",
    ]
