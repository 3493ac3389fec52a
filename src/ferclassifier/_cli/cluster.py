"""A Dask cluster before a search: reach it, compare its packages, count its threads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ferclassifier._utils.extras import import_extra

if TYPE_CHECKING:
    from distributed import Client

_SECONDS_TO_CONNECT = 5
_COMPARED = ("ferclassifier", "joblib", "keras", "numpy", "scikeras", "scikit-learn", "tensorflow")


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a Dask scheduler; on leaving, what has not begun to run is cancelled.

    Parameters
    ----------
    address : str
        Such as "tcp://192.0.2.1:8786".

    Yields
    ------
    client : distributed.Client

    Raises
    ------
    ImportError
        If Dask is not installed.
    ConnectionError
        If no scheduler answers within seconds, or it has no workers.
    """
    distributed = import_extra("distributed", extra="dask")
    try:
        kind = asyncio.run(asyncio.wait_for(_ask_for_kind(address), _SECONDS_TO_CONNECT))
    except Exception as error:  # what is no scheduler makes Dask raise almost anything
        reason = str(error) or f"no answer within {_SECONDS_TO_CONNECT} seconds"
        raise ConnectionError(f"{address}: no Dask scheduler answers: {reason}.") from error
    if kind != "Scheduler":
        raise ConnectionError(f"{address}: Got a Dask {kind.lower()}, but expected a scheduler.")
    with distributed.Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False) as client:
        if not client.nthreads():
            raise ConnectionError(
                f"{address}: the scheduler has no workers. Start one with 'dask worker {address} "
                "--nthreads 1'."
            )
        yield client


async def _ask_for_kind(address: str) -> str:
    """Return "Scheduler" or "Worker"; a client would wait half a minute for any other program."""
    from distributed import rpc
    from distributed.security import Security

    security = Security().get_connection_args("client")
    async with rpc(address, timeout=_SECONDS_TO_CONNECT, connection_args=security) as remote:
        return str((await remote.identity())["type"])


def describe(client: Client) -> str:
    """Say how many fits run at a time, and on how many threads.

    Parameters
    ----------
    client : distributed.Client

    Returns
    -------
    sentence : str
    """
    slots = client.nthreads()
    threads = set(client.run(os.getenv, "OMP_NUM_THREADS").values())
    return (
        f"{len(slots)} worker process(es), {sum(slots.values())} fit(s) at a time, TensorFlow "
        f"threads in each process: {' or '.join(sorted(n or 'all' for n in threads))}"
    )


def find_faults(client: Client) -> list[str]:
    """Say what makes fits on a cluster fail, differ or be slow.

    Parameters
    ----------
    client : distributed.Client

    Returns
    -------
    sentences : list of str
        Packages of other versions than here, and workers that fit several networks in one process.
    """
    faults = compare_versions(client.get_versions(packages=list(_COMPARED)))
    several = [worker for worker, slots in client.nthreads().items() if slots > 1]
    if several:
        faults.append(
            f"{len(several)} of the workers, such as {several[0]}, fit several networks at a time "
            "in one process, where they share its TensorFlow threads. Start workers with "
            "'--nthreads 1', and more of them with '--nworkers'."
        )
    return faults


def compare_versions(
    versions: Mapping[str, Any], packages: Sequence[str] = _COMPARED, what: str = "fits"
) -> list[str]:
    """Say which packages of the scheduler and the workers are not those of this process.

    Parameters
    ----------
    versions : mapping
        What :meth:`distributed.Client.get_versions` returns.
    packages : sequence of str
        Those that matter, besides Python.
    what : str, default="fits"
        What may go wrong.

    Returns
    -------
    sentences : list of str
        One for each package and version that differ.
    """
    here = versions["client"]["packages"]
    places = {"the scheduler": versions["scheduler"], **versions["workers"]}
    found: dict[tuple[str, str | None], list[str]] = {}
    for place, there in places.items():
        for package in sorted({"python", *packages} & set(here)):
            version = there["packages"].get(package)
            if version != here[package]:
                found.setdefault((package, version), []).append(place)
    return [
        f"Got {package} {version or '(missing)'} on {_first_of(there)}, but expected "
        f"{here[package]}, as here: {what} may fail or differ. Install the same versions."
        for (package, version), there in found.items()
    ]


def _first_of(places: list[str]) -> str:
    return places[0] + (f" and {len(places) - 1} more" if len(places) > 1 else "")
