"""Write the bill of materials of a wheel: what is in it, what it needs, and under which licences.

    python tools/sbom.py dist/*.whl dist/ferclassifier.cdx.json

CycloneDX 1.6 as JSON, compared with its schema before it is written. The weights in the wheel stand
with their sums and licences, those of others with their makers. Packages stand with the versions
and licences of the environment that this runs in: all that the wheel needs, and those of its extras
as optional. It is the same each time, but for what changed. The licences are printed as a list.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from email.parser import Parser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_WEIGHTS = (".onnx", ".safetensors", ".bin")
# What others made, by the folder that holds it: the licence, and the makers.
_OF_OTHERS = {"ferclassifier/faces/models/": ("Apache-2.0", "MediaPipe authors, Google")}
_OURS = ("MIT", "The ferclassifier developers")
# Extras of the wheel that are for work on it, not with it.
_NOT_SHIPPED = {"dev", "docs"}


def bill_of(wheel: Path) -> Bom:
    """Return what is in a wheel, and what it needs."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(archive.read(name).decode())
        record = archive.read(name.replace("METADATA", "RECORD")).decode()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    package = Component(
        name=about["Name"],
        version=about["Version"],
        type=ComponentType.LIBRARY,
        bom_ref=f"pkg:pypi/{about['Name']}@{about['Version']}",
        purl=PackageURL("pypi", None, about["Name"], about["Version"]),
        licenses=[LicenseExpression(about["License-Expression"])],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        supplier=OrganizationalEntity(name=_OURS[1]),
    )
    weights = list(_weights(record))
    bom = Bom(components=[*weights])
    bom.metadata.component = package
    # The same for the same wheel, and so no moment in time either.
    bom.serial_number = uuid5(NAMESPACE_URL, digest)
    bom.metadata.timestamp = None  # type: ignore[assignment]
    needed = _needed(about.get_all("Requires-Dist") or [])
    packages = {name: _package(found, scope) for name, (found, scope) in needed.items()}
    bom.components.update(packages.values())
    bom.register_dependency(package, [*weights, *packages.values()])
    return bom


def _weights(record: str) -> Iterator[Component]:
    """Yield the files of weights that a wheel's list of files names."""
    for line in record.splitlines():
        path, digest, _ = line.rsplit(",", 2)
        if not path.endswith(_WEIGHTS):
            continue
        of_others = (made for folder, made in _OF_OTHERS.items() if path.startswith(folder))
        license_id, makers = next(of_others, _OURS)
        padded = digest.removeprefix("sha256=") + "="
        yield Component(
            name=path,
            type=ComponentType.MACHINE_LEARNING_MODEL,
            bom_ref=path,
            licenses=[DisjunctiveLicense(id=license_id)],
            supplier=OrganizationalEntity(name=makers),
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=base64.urlsafe_b64decode(padded).hex())
            ],
        )


def _needed(
    requirements: Sequence[str],
) -> dict[str, tuple[Distribution, ComponentScope]]:
    """Return the packages that a wheel needs, and what those need, as they are installed."""
    found: dict[str, tuple[Distribution, ComponentScope]] = {}
    parsed = [Requirement(text) for text in requirements]
    extras = {"", *(_extra_of(one) for one in parsed)} - _NOT_SHIPPED
    for extra in sorted(extras):  # "" first: what is needed stays so
        scope = ComponentScope.OPTIONAL if extra else ComponentScope.REQUIRED
        _add([one for one in parsed if _extra_of(one) == extra], extra, scope, found)
    return dict(sorted(found.items()))


def _extra_of(requirement: Requirement) -> str:
    marker = str(requirement.marker or "")
    return marker.split("extra ==")[1].strip(" '\")") if "extra ==" in marker else ""


def _add(
    requirements: Sequence[Requirement],
    extra: str,
    scope: ComponentScope,
    found: dict[str, tuple[Distribution, ComponentScope]],
) -> None:
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        if name in found or name == "ferclassifier":
            continue
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(
                f"{name} is not installed here, so that its version and licence are not known. "
                "Run make sbom, which has all extras."
            ) from None
        found[name] = installed, scope
        inner = [Requirement(text) for text in installed.requires or []]
        for asked in ("", *requirement.extras):
            _add([one for one in inner if _extra_of(one) == asked], asked, scope, found)


def _package(installed: Distribution, scope: ComponentScope) -> Component:
    name, version = installed.name, installed.version
    purl = PackageURL("pypi", None, canonicalize_name(name), version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        scope=scope,
        licenses=_licenses_of(installed),
    )


def _licenses_of(installed: Distribution) -> list[DisjunctiveLicense | LicenseExpression]:
    """Return the licence as the package tells it: as an expression, by classifiers, or in words."""
    about = installed.metadata
    if expression := about.get("License-Expression"):
        return [LicenseExpression(expression)]
    classified = [
        text.rsplit(" :: ", 1)[-1]
        for text in about.get_all("Classifier") or []
        if text.startswith("License :: ") and text.count(" :: ") > 1
    ]
    words = (about.get("License") or "").strip().splitlines()
    return [DisjunctiveLicense(name=name) for name in classified or words[:1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    bom = bill_of(given.wheel)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"The bill of materials is no CycloneDX 1.6: {error.data}")
    given.output.write_text(text + "\n", encoding="utf-8")
    for component in sorted(bom.components, key=lambda one: (one.type.value, one.name)):
        licenses = [
            one.value if hasattr(one, "value") else one.id or one.name for one in component.licenses
        ]
        print(f"{component.name} {component.version or ''}: {', '.join(licenses) or 'not told'}")


if __name__ == "__main__":
    main()
