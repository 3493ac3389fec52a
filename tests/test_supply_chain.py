"""What is installed has no vulnerability that is known here, and a wheel is what it says."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers import REPOSITORY, tool

ADVISORIES: list[dict[str, str]] = tomllib.loads(
    (REPOSITORY / "tests" / "advisories.toml").read_text()
)["advisory"]
PYPROJECT = (REPOSITORY / "pyproject.toml").read_text()
PROJECT: dict[str, Any] = tomllib.loads(PYPROJECT)["project"]
# A requirement with its reason: "name>=floor",  # CVE-..., CVE-...: why
_WITH_REASON = re.compile(r'^\s+"([\w.-]+)>=([\d.]+)",\s+# (.*)$', re.MULTILINE)
_ID = re.compile(r"\b(?:CVE-\d+-\d+|GHSA-[\w-]+|PYSEC-\d+-\d+|CGA-[\w-]+|keras-[\d.]+)")


def _pins(file: str = "constraints.txt") -> dict[str, Version]:
    lines = (REPOSITORY / file).read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def _floors(*, without: tuple[str, ...] = ()) -> dict[str, Version]:
    """The oldest versions that are allowed, but for those of some extras."""
    extras = [
        extra for name, extra in PROJECT["optional-dependencies"].items() if name not in without
    ]
    found = [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]
    floors = {}
    for requirement in map(Requirement, found):
        for specifier in requirement.specifier:
            assert specifier.operator == ">=", requirement
            floors[canonicalize_name(requirement.name)] = Version(specifier.version)
    return floors


def vulnerable(versions: dict[str, Version]) -> list[str]:
    """Packages that are older than the version that mends them, and by what."""
    return [
        f"{one['package']} {versions[one['package']]}: {one['id']}, fixed in {one['fixed']}"
        for one in ADVISORIES
        if one["package"] in versions and versions[one["package"]] < Version(one["fixed"])
    ]


def test_an_old_version_is_found() -> None:
    assert vulnerable({"starlette": Version("1.0.0"), "pillow": Version("13.0")}) == [
        "starlette 1.0.0: CVE-2026-48710, fixed in 1.0.1",
        "starlette 1.0.0: PYSEC-2026-249, fixed in 1.3.1",
    ]


def test_advisories_can_be_looked_up() -> None:
    for one in ADVISORIES:
        assert set(one) == {"package", "id", "fixed", "what", "source"}
        assert one["package"] == canonicalize_name(one["package"])
        assert one["source"].startswith("https://")
        assert _ID.fullmatch(one["id"])
    assert len({one["id"] for one in ADVISORIES}) == len(ADVISORIES)


def test_pins_have_no_known_vulnerability() -> None:
    assert vulnerable(_pins()) == []


def test_floors_have_no_known_vulnerability() -> None:
    assert vulnerable(_floors()) == []


def test_the_lowest_versions_are_the_floors() -> None:
    """`make test-lowest` runs the tests with them; pages are built with the newest."""
    lowest = _pins("constraints-lowest.txt")
    floors = _floors(without=("docs",))
    later = {name: lowest[name] for name, floor in floors.items() if lowest[name] != floor}
    assert later == {}
    assert vulnerable(lowest) == []


def test_pins_are_not_below_floors() -> None:
    pins = _pins()
    assert {name for name, floor in _floors().items() if pins[name] < floor} == set()


def test_reasons_of_floors_are_advisories_of_that_package() -> None:
    ids = {one["id"]: one for one in ADVISORIES}
    reasons = _WITH_REASON.findall(PYPROJECT)
    assert len(reasons) >= 7
    for package, floor, reason in reasons:
        if package in ("cyclonedx-python-lib", "hatchling", "httpx2"):  # what they are for
            continue
        named = _ID.findall(reason)
        assert named, f"{package}: {reason} names no advisory"
        for name in named:
            assert ids[name]["package"] == package
            assert Version(ids[name]["fixed"]) <= Version(floor)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two, of copies that differ in times and modes."""
    made, folder = tool("distributions"), tmp_path_factory.mktemp("wheels")
    return [
        made.build(
            "wheel", made.copy_of(folder / f"copy{i}", time=time, mode=mode), folder / f"{i}"
        )
        for i, (time, mode) in enumerate([(1_000_000_000, 0o644), (1_700_000_000, 0o600)])
    ]


@pytest.mark.skipif(
    not (REPOSITORY / ".git").exists(), reason="git says which files are the package's"
)
class TestWheel:
    def test_two_builds_are_the_same(self, wheels: list[Path]) -> None:
        first, second = wheels
        assert first.read_bytes() == second.read_bytes()

    def test_it_holds_the_package_and_nothing_else(self, wheels: list[Path]) -> None:
        with zipfile.ZipFile(wheels[0]) as wheel:
            names = wheel.namelist()
        folders = {name.split("/")[0] for name in names}
        assert folders == {
            "ferclassifier",
            f"ferclassifier-{Path(wheels[0]).name.split('-')[1]}.dist-info",
        }
        assert "ferclassifier/faces/models/LICENSE" in names
        kinds = {Path(name).suffix for name in names if name.startswith("ferclassifier/")}
        assert not kinds & {".pyc", ".so", ".joblib", ".pkl", ".csv"}

    def test_the_bill_tells_its_weights_with_sums_and_licences(self, wheels: list[Path]) -> None:
        """It is CycloneDX 1.6, compared with the schema that comes with the library."""
        from cyclonedx.output.json import JsonV1Dot6
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        text = JsonV1Dot6(tool("sbom").bill_of(wheels[0])).output_as_string()
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        bill = json.loads(text)
        assert bill["specVersion"] == "1.6"
        assert bill["metadata"]["component"]["licenses"] == [{"expression": "MIT AND Apache-2.0"}]
        models = {
            one["name"]: one
            for one in bill["components"]
            if one["type"] == "machine-learning-model"
        }
        with zipfile.ZipFile(wheels[0]) as wheel:
            held = [name for name in wheel.namelist() if name.endswith((".onnx", ".safetensors"))]
            assert set(held) <= set(models)
            for name in held:
                (told,) = models[name]["hashes"]
                assert told["content"] == hashlib.sha256(wheel.read(name)).hexdigest()
        for name, one in models.items():
            expected = "Apache-2.0" if "/faces/" in name else "MIT"
            assert one["licenses"] == [{"license": {"id": expected}}]
        detector = models["ferclassifier/faces/models/face_detection_full_range.onnx"]
        assert "MediaPipe" in detector["supplier"]["name"]

    def test_the_bill_tells_all_packages(self, wheels: list[Path]) -> None:
        from cyclonedx.output.json import JsonV1Dot6

        bill = json.loads(JsonV1Dot6(tool("sbom").bill_of(wheels[0])).output_as_string())
        packages = {
            canonicalize_name(one["name"]): one
            for one in bill["components"]
            if one["type"] == "library"
        }
        for text in PROJECT["dependencies"]:
            assert packages[canonicalize_name(Requirement(text).name)]["scope"] == "required"
        assert packages["starlette"]["scope"] == "optional"
        assert packages["protobuf"]["scope"] == "required"  # tensorflow's
        assert "pytest" not in packages
        # Its metadata do not tell.
        assert {name for name, one in packages.items() if not one.get("licenses")} <= {"namex"}
