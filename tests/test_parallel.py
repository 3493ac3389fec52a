"""Searches on a Dask cluster of two processes, also when one of them is killed."""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from ferclassifier._cli import main
from ferclassifier._cli.cluster import compare_versions, connected, describe, find_faults
from ferclassifier.parallel import resilient
from helpers import patterns, tiny_classifier

GRID = {"learning_rate": [0.001, 0.004, 0.02]}
N_FOLDS = 4
SECONDS = 120  # more than anything here takes on a busy machine


@contextmanager
def two_workers() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with two_workers() as client:
        yield client


@pytest.fixture(scope="module")
def data() -> Any:
    # Large enough for joblib to scatter also the rows of a fold.
    return patterns(n_samples=400)


def search(client: Any, data: Any) -> dict[str, Any]:
    clf = tiny_classifier(epochs=1, batch_size=128)
    with parallel_config("dask", client=client):
        return GridSearchCV(clf, GRID, cv=N_FOLDS, refit=False).fit(*data).cv_results_


@pytest.fixture(scope="module")
def undisturbed(client: Client, data: Any) -> dict[str, Any]:
    return search(resilient(client), data)


class Watched:
    """A client that counts the batches of fits that have ended.

    Joblib puts several fits into a batch where they are quick. The first four batches, two for each
    worker, are always of one fit, so that some are still to come when two have ended.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.ended = threading.Semaphore(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def submit(self, *args: Any, key: str, **kwargs: Any) -> Any:
        future = self._client.submit(*args, key=key, **kwargs)
        if key.startswith("batch"):
            future.add_done_callback(lambda _: self.ended.release())
        return future


def wait_for(condition: Callable[[], Any]) -> Any:
    """The first true value of a condition."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value


def holder_of_an_only_copy(client: Client) -> str | None:
    held = {key: workers for key, workers in client.who_has().items() if "ndarray" in key}
    return next((workers[0] for workers in held.values() if len(workers) == 1), None)


def kill_after(n_batches: int, client: Watched, killed: list[str]) -> None:
    """Kill the worker that alone holds some of the data, once some batches have ended."""
    for _ in range(n_batches):
        assert client.ended.acquire(timeout=SECONDS)
    worker = wait_for(lambda: holder_of_an_only_copy(client._client))
    (pid,) = client.run(os.getpid, workers=[worker]).values()
    os.kill(pid, signal.SIGKILL)
    killed.append(worker)


@pytest.mark.parametrize("as_list", [True, False])
def test_data_can_be_scattered_by_the_user(client: Client, as_list: bool) -> None:
    X = np.arange(1000)
    scattered = resilient(client).scatter([X] if as_list else X, broadcast=True)
    (future,) = scattered if as_list else (scattered,)
    np.testing.assert_array_equal(future.result(), X)


@pytest.mark.usefixtures("undisturbed")  # Keras has been used by at least one worker
def test_each_worker_has_a_tensorflow_thread_of_its_own(client: Client) -> None:
    threads = client.run(threads_of_tensorflow).values()
    assert {"1"} == set(client.run(os.getenv, "OMP_NUM_THREADS").values())
    assert {1} == set(threads) - {None}


def threads_of_tensorflow() -> int | None:
    """The number of threads, if this process has trained a network."""
    if "ferclassifier._keras.network" not in sys.modules:
        return None
    from tensorflow.config import threading as settings

    return settings.get_intra_op_parallelism_threads()


def test_cluster_is_described_and_has_no_faults(client: Client) -> None:
    assert describe(client) == (
        "2 worker process(es), 2 fit(s) at a time, TensorFlow threads in each process: 1"
    )
    assert find_faults(client) == []


def test_workers_with_several_slots_are_a_fault(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "nthreads", lambda: {"tcp://a": 4, "tcp://b": 1, "tcp://c": 4})
    (fault,) = find_faults(client)
    assert fault.startswith("2 of the workers, such as tcp://a, fit several networks at a time")
    assert "--nthreads 1" in fault


def test_other_versions_are_named_once() -> None:
    here = {"packages": {"python": "3.11", "keras": "3.15.1", "pandas": "2.2"}}
    old = {"packages": {"python": "3.11", "keras": "3.10.0", "pandas": "2.1"}}
    bare = {"packages": {"python": "3.11"}}
    versions = {"client": here, "scheduler": bare, "workers": {"a": here, "b": old, "c": old}}
    assert [text.split(":")[0] for text in compare_versions(versions)] == [
        "Got keras (missing) on the scheduler, but expected 3.15.1, as here",
        "Got keras 3.10.0 on b and 1 more, but expected 3.15.1, as here",
    ]


def test_what_is_no_scheduler_is_refused(client: Client) -> None:
    worker = next(iter(client.nthreads()))
    with pytest.raises(ConnectionError, match="Got a Dask worker"), connected(worker):
        pass


def test_a_scheduler_without_workers_says_how_to_start_one() -> None:
    with LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        address = empty.scheduler_address
        with pytest.raises(ConnectionError, match=r"no workers.*dask worker"), connected(address):
            pass


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["search", *map(str, args)])


def write_space(path: Path, rates: list[float], epochs: int) -> Path:
    path.write_text(
        f"[space]\nlearning_rate = {rates}\n"
        '[fixed]\narchitecture = "gap_cnn"\narchitecture_params = { filters = [8], dense = 16 }\n'
        f'augmentation = "none"\nprecision = "float32"\nepochs = {epochs}\n[search]\ncv = 2\n'
    )
    return path


def test_command_searches_on_the_cluster(client: Client, csv: Path, tmp_path: Path) -> None:
    space = write_space(tmp_path / "space.toml", [0.001, 0.01], epochs=1)
    address = client.scheduler.address
    result = run(csv, "--space", space, "--scheduler", address, "--seed", 0, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["n_fits"] == 4
    assert {row["params"]["learning_rate"] for row in told["candidates"]} == {0.001, 0.01}
    assert f"{address}: 2 worker process(es), 2 fit(s)" in result.stderr
    assert "4 of 4 fits done after" in result.stderr


def test_interruption_cancels_what_has_not_begun(client: Client, csv: Path, tmp_path: Path) -> None:
    space = write_space(tmp_path / "space.toml", np.geomspace(1e-5, 1e-3, 8).tolist(), epochs=20)
    address, output = client.scheduler.address, tmp_path / "results.csv"

    def fits() -> list[str]:
        return [key for keys in client.processing().values() for key in keys if "batch" in key]

    def interrupt() -> None:
        wait_for(lambda: len(fits()) > 2)
        _thread.interrupt_main()

    # A shell has what it runs in the background ignore interruptions.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    try:
        result = run(csv, "--space", space, "--scheduler", address, "--output", output)
        interrupter.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.exit_code == 130, result.output
    assert result.stderr.splitlines()[-1] == "Aborted"
    assert list(tmp_path.iterdir()) == [space]
    wait_for(lambda: not fits() and not client.who_has())


@pytest.mark.parametrize("n_batches", [0, 2])
def test_scores_are_the_same_when_a_worker_is_killed(
    data: Any, undisturbed: dict[str, Any], n_batches: int
) -> None:
    """The rows of a fold were lost with the worker that held them, and the search with them."""
    with two_workers() as client:
        watched, killed = Watched(client), []
        killer = threading.Thread(target=kill_after, args=(n_batches, watched, killed))
        killer.start()
        results = search(resilient(watched), data)
        killer.join()
    assert len(killed) == 1
    for fold in range(N_FOLDS):
        name = f"split{fold}_test_score"
        np.testing.assert_array_equal(results[name], undisturbed[name])
