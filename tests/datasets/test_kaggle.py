"""fetch_fer2013: kagglehub against a stand-in for Kaggle, and all that can go wrong on the way."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferclassifier import EMOTIONS, fetch_fer2013, load_fer2013
from ferclassifier.datasets._fer2013_forms import FER2013_DESCR
from ferclassifier.datasets._kaggle import find_data_home
from ferclassifier.datasets._published_counts import PUBLISHED_COUNTS, check_counts
from ferclassifier.exceptions import DataError, FetchError
from full_disks import folder_on_the_disk, full, needs_full_disks

CSV = "deadskull7/fer2013"
FOLDERS = "msambare/fer2013"
COMPETITION = "challenges-in-representation-learning-facial-expression-recognition-challenge"
PARTS = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}

# As many images as the made-up data set has: enough to tell the parts and the emotions apart.
SMALL_COUNTS = {
    "train": (2, 1, 1, 3, 1, 1, 1),
    "validation": (1, 1, 1, 1, 1, 1, 2),
    "test": (1, 1, 2, 1, 1, 1, 1),
}


def small_samples() -> list[tuple[np.ndarray, int, str]]:
    rng = np.random.default_rng(0)
    return [
        (rng.integers(0, 256, size=(48, 48), dtype=np.uint8), label, part)
        for part, counts in SMALL_COUNTS.items()
        for label, n in enumerate(counts)
        for _ in range(n)
    ]


def csv_text() -> str:
    rows = (
        f"{label},{' '.join(map(str, image.ravel()))},{PARTS[part]}\n"
        for image, label, part in small_samples()
    )
    return "emotion,pixels,Usage\n" + "".join(rows)


def png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def tree_files() -> dict[str, bytes]:
    """The folder form, with validation and test in one folder."""
    return {
        f"{'train' if part == 'train' else 'test'}/{EMOTIONS[label]}/{PARTS[part]}_{i}.png": (
            png(image)
        )
        for i, (image, label, part) in enumerate(small_samples())
    }


def zip_of(files: dict[str, str | bytes] | dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def small_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for part, counts in SMALL_COUNTS.items():
        monkeypatch.setitem(PUBLISHED_COUNTS, part, counts)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def assert_nothing_is_left(home: Path) -> None:
    assert names_in(home / "fer2013") == []
    with pytest.raises(FetchError, match="download_if_missing=True"):
        fetch_fer2013(data_home=home, download_if_missing=False)


def assert_is_small_data(faces: Any) -> None:
    images = [image for image, _, _ in small_samples()]
    np.testing.assert_array_equal(faces.images, images)
    assert list(faces.target_codes) == [label for _, label, _ in small_samples()]
    assert list(faces.usage) == [part for *_, part in small_samples()]


# The stand-in for Kaggle


class Kaggle(ThreadingHTTPServer):
    """What kagglehub asks of Kaggle's API, and the storage that it is sent on to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _KaggleHandler)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.authorization: set[str | None] = set()
        self.file_name = "archive.zip"
        self.content = zip_of({"fer2013.csv": csv_text()})
        self.claimed_content: bytes | None = None
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _KaggleHandler(BaseHTTPRequestHandler):
    server: Kaggle

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = self.path.removeprefix("/api/v1/")
        self.server.requests.append((call, json.loads(body)))
        self.server.authorization.add(self.headers["Authorization"])
        if self.server.status != 200:
            message = json.dumps({"code": self.server.status, "message": "so says the stand-in"})
            self._answer(self.server.status, message.encode())
        elif call == "datasets.DatasetApiService/GetDataset":
            self._answer(200, json.dumps({"currentVersionNumber": 3}).encode())
        else:
            self._answer(302, b"", Location=f"{self.server.url}/storage/{self.server.file_name}")

    def do_GET(self) -> None:
        whole = self.server.claimed_content or self.server.content
        md5 = base64.b64encode(hashlib.md5(whole).digest()).decode()
        self._answer(
            200,
            self.server.content,
            length=len(whole),
            type="application/zip",
            **{"x-goog-hash": f"crc32c=AAAAAA==,md5={md5}"},
        )

    def _answer(
        self,
        status: int,
        content: bytes,
        length: int | None = None,
        type: str = "application/json",
        **headers: str,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests keeps their login to themselves."""
    logins = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY")
    notebooks = ("KAGGLE_KERNEL_RUN_TYPE", "TBE_RUNTIME_ADDR")
    for name in logins + notebooks:
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "KAGGLE_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "nobody"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def point_kagglehub_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kagglehub")
    from kagglesdk import kaggle_env

    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.LOCAL, url)


@pytest.fixture
def kaggle(no_credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    with Kaggle() as server:
        point_kagglehub_at(server.url, monkeypatch)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_downloads_the_csv_file(kaggle: Kaggle, home: Path) -> None:
    faces = fetch_fer2013(data_home=home)
    assert_is_small_data(faces)
    dataset = {"ownerSlug": "deadskull7", "datasetSlug": "fer2013"}
    calls = [call for call, _ in kaggle.requests]
    assert calls == [
        "datasets.DatasetApiService/GetDataset",
        "datasets.DatasetApiService/DownloadDataset",
    ]
    assert kaggle.requests[0][1] == dataset
    assert kaggle.requests[1][1].items() >= {**dataset, "datasetVersionNumber": 3}.items()
    assert names_in(home / "fer2013") == ["deadskull7.fer2013"]


def test_downloads_folders(kaggle: Kaggle, home: Path) -> None:
    """Validation and test lie in one folder, and the names of the files tell them apart."""
    kaggle.content = zip_of(tree_files())
    assert_is_small_data(fetch_fer2013(data_home=home, source=FOLDERS))
    test = fetch_fer2013(data_home=home, source=FOLDERS, subset="test")
    assert set(test.usage) == {"test"}
    assert len(test.target) == sum(SMALL_COUNTS["test"])


def test_downloads_one_file_of_the_competition(
    kaggle: Kaggle, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kaggle sends a large file zipped, though it was asked for by its name."""
    monkeypatch.setenv("KAGGLE_API_TOKEN", "made-up")
    kaggle.file_name = "icml_face_data.csv.zip"
    kaggle.content = zip_of({"icml_face_data.csv": csv_text()})
    assert_is_small_data(fetch_fer2013(data_home=home, source=COMPETITION))
    call, request = kaggle.requests[0]
    assert call == "competitions.CompetitionApiService/DownloadDataFile"
    assert request == {"competitionName": COMPETITION, "fileName": "icml_face_data.csv"}
    assert kaggle.authorization == {"Bearer made-up"}


def test_a_version_can_be_chosen(kaggle: Kaggle, home: Path) -> None:
    fetch_fer2013(data_home=home, source=f"{CSV}/versions/1")
    ((call, request),) = kaggle.requests
    assert call == "datasets.DatasetApiService/DownloadDataset"
    assert request["datasetVersionNumber"] == 1
    assert names_in(home / "fer2013") == ["deadskull7.fer2013.versions.1"]


def test_the_copy_needs_neither_network_nor_kagglehub(
    kaggle: Kaggle, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_fer2013(data_home=home)
    n_requests = len(kaggle.requests)
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert_is_small_data(fetch_fer2013(data_home=home))
    assert_is_small_data(fetch_fer2013(data_home=str(home), download_if_missing=False))
    assert len(kaggle.requests) == n_requests


def test_public_data_take_no_login(kaggle: Kaggle, home: Path) -> None:
    fetch_fer2013(data_home=home)
    assert kaggle.authorization == {None}


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, r"kagglehub\.login\(\)"),
        (403, r"Check the name, log in with kagglehub\.login\(\).*accept its rules"),
        (404, r"Check the name, or choose another source"),
        (500, r"Call again"),
    ],
)
def test_what_kaggle_refuses(kaggle: Kaggle, home: Path, status: int, remedy: str) -> None:
    kaggle.status = status
    with pytest.raises(FetchError, match=rf"'{CSV}' could not be.*{remedy}.*load_fer2013") as error:
        fetch_fer2013(data_home=home)
    assert isinstance(error.value, OSError)
    assert "\n" not in str(error.value)
    assert_nothing_is_left(home)


def test_the_competition_takes_a_login(kaggle: Kaggle, home: Path) -> None:
    with pytest.raises(FetchError, match=r"not authenticated.*kagglehub\.login\(\).*its rules"):
        fetch_fer2013(data_home=home, source=COMPETITION)
    assert kaggle.requests == []
    assert_nothing_is_left(home)


def test_no_network(no_credentials: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Kaggle() as server:
        url = server.url
    point_kagglehub_at(url, monkeypatch)
    with pytest.raises(FetchError, match=r"refused.*Call again"):
        fetch_fer2013(data_home=home)
    assert_nothing_is_left(home)


def cut(kaggle: Kaggle) -> None:
    kaggle.claimed_content, kaggle.content = kaggle.content, kaggle.content[:1000]


def garble(kaggle: Kaggle) -> None:
    kaggle.claimed_content = kaggle.content
    kaggle.content = kaggle.content[:-1] + b"?"


def send_a_page(kaggle: Kaggle) -> None:
    kaggle.content = b"<html>Please log in</html>"


def damage_a_member(kaggle: Kaggle) -> None:
    middle = len(kaggle.content) // 2
    kaggle.content = kaggle.content[:middle] + bytes(9) + kaggle.content[middle + 9 :]


@pytest.mark.parametrize("spoil", [cut, garble, send_a_page, damage_a_member])
def test_what_does_not_arrive_whole(
    kaggle: Kaggle, home: Path, spoil: Callable[[Kaggle], None]
) -> None:
    good = kaggle.content
    spoil(kaggle)
    with pytest.raises(FetchError, match="could not be downloaded") as error:
        fetch_fer2013(data_home=home)
    assert error.value.__cause__ is not None
    assert_nothing_is_left(home)
    kaggle.content, kaggle.claimed_content = good, None
    assert_is_small_data(fetch_fer2013(data_home=home))


@needs_full_disks
@pytest.mark.parametrize("source", [CSV, FOLDERS])
def test_a_full_disk(kaggle: Kaggle, source: str, tmp_path: Path) -> None:
    """It was told that there is no room, but not where."""
    if source == FOLDERS:
        kaggle.content = zip_of(tree_files())
    with folder_on_the_disk(tmp_path) as home:
        message = rf"(No space|too large).*Make room in {re.escape(str(home))}.*by data_home"
        with full(home), pytest.raises(FetchError, match=message):
            fetch_fer2013(data_home=home, source=source)
        assert_nothing_is_left(home)
        assert_is_small_data(fetch_fer2013(data_home=home, source=source))


# A stub in place of kagglehub's download


def download_csv(text: str | None = None) -> Callable[..., str]:
    """A download that writes a CSV file."""

    def download(handle: str, *, output_dir: str) -> str:
        Path(output_dir).mkdir()
        (Path(output_dir) / "fer2013.csv").write_text(csv_text() if text is None else text)
        return output_dir

    return download


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., str]], None]:
    kagglehub = pytest.importorskip("kagglehub")

    def put(download: Callable[..., str]) -> None:
        monkeypatch.setattr(kagglehub, "dataset_download", download)

    return put


Stub = Callable[[Callable[..., str]], None]


def test_options_are_those_of_load_fer2013(stub: Stub, home: Path) -> None:
    stub(download_csv())
    data, target = fetch_fer2013(data_home=home, subset="train", return_X_y=True)
    assert data.shape == (sum(SMALL_COUNTS["train"]), 2304)
    assert set(target) == set(EMOTIONS)
    expected = load_fer2013(home / "fer2013" / "deadskull7.fer2013", subset="test", as_frame=True)
    faces = fetch_fer2013(data_home=home, subset="test", as_frame=True)
    pd.testing.assert_frame_equal(faces.frame, expected.frame)
    data, target = fetch_fer2013(data_home=home, subset="test", as_frame=True, return_X_y=True)
    pd.testing.assert_frame_equal(data, expected.data)
    pd.testing.assert_series_equal(target, expected.target)


def no_download(*_: object, **__: object) -> str:
    raise AssertionError("Nothing was to be downloaded.")


def test_download_if_missing(stub: Stub, home: Path) -> None:
    stub(no_download)
    with pytest.raises(OSError, match=r"deadskull7\.fer2013: FER-2013 is not there"):
        fetch_fer2013(data_home=home, download_if_missing=False)
    assert not home.exists()


@pytest.mark.parametrize(
    "source", ["", "..", "../fer2013", "a/b/c", "a/b/versions/x", "a b/c", "/a", "a/", "a\n", 3]
)
def test_bad_source(stub: Stub, home: Path, source: Any) -> None:
    stub(no_download)
    with pytest.raises(ValueError, match=rf"Got source={re.escape(repr(source))}, but expected"):
        fetch_fer2013(data_home=home, source=source)
    assert not home.exists()


def test_bad_subset_is_told_before_the_download(stub: Stub, home: Path) -> None:
    stub(no_download)
    with pytest.raises(ValueError, match="Got subset='dev', but expected one of all"):
        fetch_fer2013(data_home=home, subset="dev")


def test_without_kagglehub(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(ImportError, match=r"pip install \"ferclassifier\[kaggle\]\""):
        fetch_fer2013(data_home=home)
    assert_nothing_is_left(home)


def test_wrong_counts(stub: Stub, home: Path) -> None:
    """One image less, and one of another emotion."""
    lines = csv_text().splitlines(keepends=True)
    lines[1] = "6" + lines[1][1:]
    stub(download_csv("".join(lines[:-1])))
    message = (
        r"'deadskull7/fer2013' is not FER-2013.*removed again\. Got 25 images, but expected the 26 "
        r"of subset='all'.*: train/angry 1 instead of 2, train/neutral 2 instead of 1, "
        r"test/neutral 0 instead of 1\.$"
    )
    with pytest.raises(DataError, match=message):
        fetch_fer2013(data_home=home)
    assert_nothing_is_left(home)


def test_merged_tests_are_refused(stub: Stub, home: Path) -> None:
    """Where nothing tells validation from test, the test score could not be trusted."""

    def download(handle: str, *, output_dir: str) -> str:
        for name, data in tree_files().items():
            path = Path(output_dir) / re.sub("P(ublic|rivate)Test_", "", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return output_dir

    stub(download)
    with pytest.raises(DataError, match=r"validation/angry 0 instead of 1.*and \d+ more"):
        fetch_fer2013(data_home=home, source=FOLDERS)
    assert_nothing_is_left(home)


@pytest.mark.parametrize(
    ("text", "message"),
    [("id,x\n1,2\n", "found no emotion and no pixels"), ("emotion,pixels,Usage\n", "no image")],
)
def test_another_data_set(stub: Stub, home: Path, text: str, message: str) -> None:
    stub(download_csv(text))
    with pytest.raises(DataError, match=rf"is not FER-2013.*{message}"):
        fetch_fer2013(data_home=home)
    assert_nothing_is_left(home)


def test_an_interrupted_download(stub: Stub, home: Path) -> None:
    def download(handle: str, *, output_dir: str) -> str:
        download_csv()(handle, output_dir=output_dir)
        raise KeyboardInterrupt

    stub(download)
    with pytest.raises(KeyboardInterrupt):
        fetch_fer2013(data_home=home)
    assert_nothing_is_left(home)


def test_a_killed_download(stub: Stub, home: Path) -> None:
    """What a killed process leaves behind is never taken for the data set, and does not stay."""
    code = (
        "import os, sys, types\n"
        "from pathlib import Path\n"
        "from ferclassifier import fetch_fer2013\n"
        "def download(handle, *, output_dir):\n"
        "    Path(output_dir).mkdir()\n"
        "    (Path(output_dir) / 'fer2013.csv').write_text('emotion,pix')\n"
        "    os._exit(9)\n"
        "sys.modules['kagglehub'] = types.SimpleNamespace(dataset_download=download)\n"
        "fetch_fer2013(data_home=sys.argv[1])"
    )
    assert subprocess.run([sys.executable, "-c", code, str(home)], check=False).returncode == 9
    assert list((home / "fer2013").rglob("fer2013.csv"))
    with pytest.raises(FetchError, match="FER-2013 is not there"):
        fetch_fer2013(data_home=home, download_if_missing=False)
    stub(download_csv())
    assert_is_small_data(fetch_fer2013(data_home=home))
    assert names_in(home / "fer2013") == ["deadskull7.fer2013"]


def test_a_killed_download_beside_a_copy(stub: Stub, home: Path) -> None:
    stub(download_csv())
    fetch_fer2013(data_home=home)
    (home / "fer2013" / ".incoming-dead" / "files").mkdir(parents=True)
    fetch_fer2013(data_home=home, download_if_missing=False)
    assert names_in(home / "fer2013") == ["deadskull7.fer2013"]


def test_a_download_under_way_is_not_taken_for_a_killed_one(stub: Stub, home: Path) -> None:
    def download(handle: str, *, output_dir: str) -> str:
        download_csv()(handle, output_dir=output_dir)
        if handle == CSV:  # another process's, meanwhile
            assert_is_small_data(fetch_fer2013(data_home=home, source=f"{CSV}/versions/1"))
            assert_is_small_data(fetch_fer2013(data_home=home, source=f"{CSV}/versions/1"))
            assert Path(output_dir).is_dir()
        return output_dir

    stub(download)
    assert_is_small_data(fetch_fer2013(data_home=home))
    assert len(names_in(home / "fer2013")) == 2


def test_where_there_are_no_locks(stub: Stub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell what is left of a killed process, so that nothing is removed."""
    (home / "fer2013" / ".incoming-dead").mkdir(parents=True)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    stub(download_csv())
    assert_is_small_data(fetch_fer2013(data_home=home))
    assert names_in(home / "fer2013") == [".incoming-dead", "deadskull7.fer2013"]


def test_two_at_once(stub: Stub, home: Path) -> None:
    """Both have downloaded before either moves its copy in; the later finds the other's."""
    both = threading.Barrier(2, timeout=30)
    folders = []

    def download(handle: str, *, output_dir: str) -> str:
        folders.append(output_dir)
        download_csv()(handle, output_dir=output_dir)
        both.wait()
        return output_dir

    stub(download)
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch_fer2013(data_home=home)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(folders)) == len(results) == 2
    for faces in results:
        assert_is_small_data(faces)
    assert names_in(home / "fer2013") == ["deadskull7.fer2013"]


def test_a_move_that_fails_is_told(stub: Stub, home: Path) -> None:
    """Only another process's copy excuses it."""

    def download(handle: str, *, output_dir: str) -> str:
        (home / "fer2013" / "deadskull7.fer2013").write_text("in the way")
        return download_csv()(handle, output_dir=output_dir)

    stub(download)
    with pytest.raises(NotADirectoryError):
        fetch_fer2013(data_home=home)


@pytest.mark.parametrize("form", ["folder", "file"])
def test_files_that_are_mounted_elsewhere(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Notebooks of Kaggle and Colab: kagglehub gives the place of a mount, here read-only."""
    mount = tmp_path / "mount"
    download_csv()("", output_dir=str(mount))
    (mount / "fer2013.csv").chmod(0o444)
    mount.chmod(0o555)
    stub = SimpleNamespace(
        dataset_download=lambda *_, **__: str(mount),
        competition_download=lambda *_, **__: str(mount / "fer2013.csv"),
    )
    monkeypatch.setitem(sys.modules, "kagglehub", stub)
    source = CSV if form == "folder" else COMPETITION
    assert_is_small_data(fetch_fer2013(data_home=home, source=source))
    mount.chmod(0o755)
    (mount / "fer2013.csv").unlink()
    assert_is_small_data(fetch_fer2013(data_home=home, source=source))


def test_a_damaged_copy(stub: Stub, home: Path) -> None:
    """What cleans up caches removes single files, and fewer images must not go unnoticed."""

    def download(handle: str, *, output_dir: str) -> str:
        with zipfile.ZipFile(io.BytesIO(zip_of(tree_files()))) as archive:
            archive.extractall(output_dir)
        return output_dir

    stub(download)
    fetch_fer2013(data_home=home, source=FOLDERS)
    folder = home / "fer2013" / "msambare.fer2013"
    next((folder / "train" / "happy").iterdir()).unlink()
    stub(no_download)
    message = rf"train/happy 2 instead of 3\. Remove {re.escape(str(folder))} to have"
    with pytest.raises(DataError, match=message):
        fetch_fer2013(data_home=home, source=FOLDERS, subset="train")
    fetch_fer2013(data_home=home, source=FOLDERS, subset="test")


def test_data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("FERCLASSIFIER_DATA", raising=False)
    assert find_data_home(None) == tmp_path / ".cache" / "ferclassifier"
    monkeypatch.setenv("FERCLASSIFIER_DATA", "~/faces")
    assert find_data_home(None) == tmp_path / "faces"
    assert find_data_home(tmp_path / "mine") == tmp_path / "mine"
    assert find_data_home("~/mine") == tmp_path / "mine"


def test_the_variable_is_used(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(download_csv())
    monkeypatch.setenv("FERCLASSIFIER_DATA", str(tmp_path / "faces"))
    assert_is_small_data(fetch_fer2013())
    assert names_in(tmp_path / "faces" / "fer2013") == ["deadskull7.fer2013"]


# The published numbers


def published() -> dict[str, tuple[int, ...]]:
    """The numbers as the description of the data set prints them."""
    rows = re.findall(r"^(Training|PublicTest|PrivateTest) +(.+)$", FER2013_DESCR, re.M)
    parts = {usage: part for part, usage in PARTS.items()}
    return {
        parts[usage]: tuple(int(n.replace(",", "")) for n in numbers.split())
        for usage, numbers in rows
    }


def labels_only(counts: dict[str, tuple[int, ...]], parts: list[str]) -> SimpleNamespace:
    """A Bunch without images."""
    pairs = [(k, part) for part in parts for k, n in enumerate(counts[part]) for _ in range(n)]
    return SimpleNamespace(
        target=np.array(EMOTIONS)[[k for k, _ in pairs]],
        usage=np.array([part for _, part in pairs]),
        target_names=np.array(EMOTIONS),
    )


@pytest.fixture
def true_counts(small_counts: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, ...]]:
    monkeypatch.undo()
    return dict(PUBLISHED_COUNTS)


def test_counts_are_those_of_the_description(true_counts: dict[str, tuple[int, ...]]) -> None:
    assert {part: (sum(counts), *counts) for part, counts in true_counts.items()} == published()
    assert sum(map(sum, true_counts.values())) == 35_887


@pytest.mark.parametrize("subset", ["all", *PARTS])
def test_the_true_counts_pass(true_counts: dict[str, tuple[int, ...]], subset: str) -> None:
    faces = labels_only(true_counts, list(PARTS) if subset == "all" else [subset])
    check_counts(faces, subset)
    faces.target[0] = "neutral"
    with pytest.raises(DataError, match=r"angry [\d,]+ instead of [\d,]+"):
        check_counts(faces, subset)
