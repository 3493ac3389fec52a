"""Importing the package is light, and leaves the heavy libraries to the first fit."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ferclassifier
from forged_files import forge, setting
from helpers import DATA


def heavy_modules_after(code: str) -> set[str]:
    """The heavy modules that a new process has loaded after some code."""
    probe = (
        f"{code}\nimport sys\n"
        "print({'tensorflow', 'keras', 'scikeras', 'sklearn', 'pandas', 'imblearn', 'PIL'}"
        " & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return set(eval(run.stdout.strip().splitlines()[-1]))


def test_import_loads_nothing_heavy() -> None:
    assert heavy_modules_after("import ferclassifier; dir(ferclassifier)") == set()


def test_import_loads_nothing_of_the_page() -> None:
    code = (
        "import sys, ferclassifier, ferclassifier.app\n"
        "sys.exit(' '.join({'starlette', 'uvicorn', 'anyio'} & set(sys.modules)) or None)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    code = (
        "import sys, ferclassifier\n"
        "sys.exit(' '.join(n for n in sys.modules if n.startswith('ferclassifier.app')) or None)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_estimators_are_made_without_tensorflow() -> None:
    code = (
        "from ferclassifier import FERClassifier, list_architectures\n"
        "from sklearn.base import clone\n"
        "from sklearn.model_selection import GridSearchCV\n"
        "clf = FERClassifier(learning_rate=0.1)\n"
        "repr(clone(clf)), clf._repr_html_(), list_architectures()\n"
        "GridSearchCV(clf, {'architecture': ['compact']})"
    )
    assert heavy_modules_after(code) & {"tensorflow", "keras", "scikeras", "imblearn"} == set()


def test_bad_model_files_are_refused_without_tensorflow(tmp_path: Path) -> None:
    """Only for what shows in comparison with the network Keras has to lay that out."""
    damaged, forged = tmp_path / "damaged", tmp_path / "forged"
    damaged.write_bytes((DATA / "protocol1.safetensors").read_bytes()[:-1] + b"?")
    forge(DATA / "protocol1.safetensors", forged, setting("model", "temperature", to=-1))
    for path, reason in ((damaged, "is damaged"), (forged, "temperature")):
        code = (
            "from ferclassifier.persistence import load_model\n"
            f"try: load_model({str(path)!r})\n"
            f"except ValueError as error: assert {reason!r} in str(error), error\n"
            "else: raise AssertionError"
        )
        assert heavy_modules_after(code) & {"tensorflow", "keras", "scikeras"} == set()


# Every way to Keras, each in a new process.
WAYS = {
    "a fit": "from ferclassifier import FERClassifier, make_faces\n"
    "X, y = make_faces(14, random_state=0)\n"
    "clf = FERClassifier('gap_cnn', epochs=1).fit(X, y)",
    "an architecture": "from ferclassifier.architectures import get_architecture as f; f('vgg')",
    "a worker": "from joblib import Parallel, delayed\nParallel(2)([delayed(in_a_worker)()])",
    "a released model": "from ferclassifier import load_pretrained; load_pretrained()",
    "a model in a pickle": "from ferclassifier._keras.network import Network",
}

# What TensorFlow finds when it is imported is what counts; to import it as well takes seconds.
PROBE = """
import os, sys

class Arrived(BaseException):
    pass

class AtTheDoor:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise Arrived(os.environ["TF_ENABLE_ONEDNN_OPTS"])

def in_a_worker():
    sys.meta_path.insert(0, AtTheDoor())
    from ferclassifier.architectures import get_architecture
    try:
        get_architecture("vit")
    except Arrived as arrived:
        raise RuntimeError(str(arrived))

sys.meta_path.insert(0, AtTheDoor())
try:
    exec(sys.argv[1])
except (Arrived, RuntimeError) as arrived:
    print(arrived)
else:
    sys.exit("TensorFlow was not imported.")
"""


@pytest.mark.parametrize(
    ("way", "given", "expected"),
    [*((way, {}, "1") for way in WAYS), ("a fit", {"TF_ENABLE_ONEDNN_OPTS": "0"}, "0")],
)
def test_tensorflow_uses_onednn_unless_told_otherwise(
    way: str, given: dict[str, str], expected: str
) -> None:
    """A fit in a new process came to Keras by its architecture, before anything was set.

    Without AVX512 it then trains at a third of the speed.
    """
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"} | given
    command = [sys.executable, "-c", PROBE, WAYS[way]]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-1] == expected


def test_there_is_one_door_to_keras() -> None:
    """No other file of the package imports Keras: it could be the first to do so."""
    package = Path(ferclassifier.__file__).parent
    importing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported_names(node)
        if name.partition(".")[0] == "keras"
    }
    assert importing == {"_utils/keras_door.py"}


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


@pytest.mark.parametrize("name", ferclassifier.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(ferclassifier, name) is not None
    assert name in dir(ferclassifier)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'FERClasifier'"):
        _ = ferclassifier.FERClasifier
