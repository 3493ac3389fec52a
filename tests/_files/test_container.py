"""The file around a model: damage is noticed, and hostile content refused before it is read."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as safetensors_bytes

from ferclassifier import FERClassifier
from ferclassifier.exceptions import ModelFileError
from ferclassifier.persistence import load_model
from forged_files import forge, sealed, setting, taken_apart


def test_a_later_protocol_is_named(saved: Path, path: Path) -> None:
    header, data = taken_apart(saved.read_bytes())
    manifest = json.loads(header["__metadata__"]["ferclassifier"])
    for protocol, message in ((2, "Install a later release"), (0, "expected"), (True, "1")):
        text = json.dumps({**manifest, "protocol": protocol}, separators=(",", ":"))
        path.write_bytes(sealed({**header, "__metadata__": {"ferclassifier": text}}, data))
        with pytest.raises(ModelFileError, match=message):
            load_model(path)


class TestDamage:
    def test_every_byte_counts(self, saved: Path, path: Path) -> None:
        content = saved.read_bytes()
        for i in range(len(content)):
            damaged = bytearray(content)
            damaged[i] ^= 1 << (i % 8)
            path.write_bytes(damaged)
            with pytest.raises(ModelFileError):
                load_model(path)

    @given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
    @settings(deadline=None, max_examples=200)
    def test_any_byte_may_be_any_other(self, saved: Path, place: float, value: int) -> None:
        damaged = bytearray(saved.read_bytes())
        i = int(place * len(damaged))
        same = damaged[i] == value
        damaged[i] = value
        path = saved.with_name("damaged")
        path.write_bytes(damaged)
        if same:
            load_model(path)
        else:
            with pytest.raises(ModelFileError):
                load_model(path)

    def test_no_end_may_be_missing(self, saved: Path, path: Path) -> None:
        content = saved.read_bytes()
        for end in [*range(64), *range(64, len(content), 7), len(content) - 1]:
            path.write_bytes(content[:end])
            with pytest.raises(ModelFileError):
                load_model(path)

    @pytest.mark.parametrize("more", [b"\0", b" ", b"\0" * 4096])
    def test_nothing_may_follow(self, saved: Path, path: Path, more: bytes) -> None:
        path.write_bytes(saved.read_bytes() + more)
        with pytest.raises(ModelFileError, match="damaged"):
            load_model(path)
        path.write_bytes(sealed(*taken_apart(saved.read_bytes() + more)))
        with pytest.raises(ModelFileError, match="tensors are not"):
            load_model(path)

    @given(header=st.binary(max_size=200), tail=st.binary(max_size=50))
    @settings(deadline=None, max_examples=200)
    def test_headers_of_noise(self, saved: Path, header: bytes, tail: bytes) -> None:
        path = saved.with_name("noise")
        path.write_bytes(len(header).to_bytes(8, "little") + header + tail)
        with pytest.raises(ModelFileError):
            load_model(path)
        path.write_bytes(len(header).to_bytes(8, "little") + b"{" + header + tail)
        with pytest.raises(ModelFileError):
            load_model(path)


class _Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


class TestHostileContainers:
    @pytest.mark.parametrize("protocol", range(6))
    def test_pickles_are_named_and_not_read(
        self, path: Path, tmp_path: Path, protocol: int
    ) -> None:
        trace = tmp_path / "trace"
        path.write_bytes(pickle.dumps(_Bomb(trace), protocol=protocol))
        with pytest.raises(ModelFileError, match="pickle" if protocol > 1 else "no safetensors"):
            load_model(path)
        assert not trace.exists()
        pickle.loads(path.read_bytes())  # what would have happened
        assert trace.exists()

    @pytest.mark.parametrize(
        ("compress", "kind"),
        [(0, "a pickle"), (3, "zlib"), (("gzip", 3), "gzip"), ("bz2", "bzip2")],
    )
    def test_files_of_joblib(self, path: Path, tmp_path: Path, compress: Any, kind: str) -> None:
        joblib.dump(_Bomb(tmp_path / "trace"), path, compress=compress)
        with pytest.raises(ModelFileError, match=rf"{kind}.*joblib\.load reads"):
            load_model(path)
        assert not (tmp_path / "trace").exists()

    def test_files_of_keras(self, path: Path, tmp_path: Path, fitted: FERClassifier) -> None:
        archive = tmp_path / "model.keras"
        fitted._network.keras_model.save(archive)
        shutil.copy(archive, path)
        with pytest.raises(ModelFileError, match=r"zip archive, as \.keras files"):
            load_model(path)
        path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        with pytest.raises(ModelFileError, match=r"HDF5 file, as \.h5 files"):
            load_model(path)

    @pytest.mark.parametrize("content", [b"", b"\0", b"hello", bytes(100), b"\xff" * 100])
    def test_other_files(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=rf"{path.name}: this is no safetensors file"):
            load_model(path)

    def test_other_files_of_safetensors(self, path: Path) -> None:
        tensors = {"a": np.zeros(3, dtype=np.float32)}
        for metadata in (None, {"format": "pt"}, {"ferclassifier": "{}"}, {"ferclassifier": "[]"}):
            path.write_bytes(safetensors_bytes(tensors, metadata=metadata))
            with pytest.raises(ModelFileError):
                load_model(path)

    def test_what_is_no_file(self, path: Path, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            load_model(path)
        with pytest.raises(IsADirectoryError, match="this is a folder, but expected a model file"):
            load_model(tmp_path)
        os.mkfifo(path)
        with pytest.raises(ModelFileError, match="no regular file"):  # and does not wait
            load_model(path)

    @pytest.mark.parametrize("length", [2**20 + 1, 2**39, 2**63, 2**64 - 1])
    def test_a_header_of_any_length(self, path: Path, length: int) -> None:
        path.write_bytes(length.to_bytes(8, "little") + b"{" + bytes(100))
        with pytest.raises(ModelFileError):
            load_model(path)

    def test_a_file_too_large_to_be_read(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write((2).to_bytes(8, "little") + b"{}")
            file.truncate(2**30 + 1)
        with pytest.raises(ModelFileError, match=r"1,073,741,825 bytes, but expected at most"):
            load_model(path)

    @pytest.mark.parametrize(
        "offsets",
        [(4, 8), (-4, 0), (0, 2**62), (0, 1152), (1152, 0), (0, "4"), (0.0, 4), (0,), None],
    )
    def test_tensors_overlap_or_leave_gaps(self, saved: Path, path: Path, offsets: Any) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["003.dense.bias"]["data_offsets"] = offsets and list(offsets)
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError, match=r"tensors are not|003\.dense\.bias"):
            load_model(path)

    @pytest.mark.parametrize(
        "entry",
        [
            {"dtype": "F64"},
            {"dtype": "U8"},
            {"dtype": None},
            {"shape": [2**62]},
            {"shape": [-3]},
            {"shape": [3, 2**30, 2**30]},
            {"shape": [True, 3]},
            {"shape": 3},
            {"more": 1},
        ],
    )
    def test_tensors_of_other_types(self, saved: Path, path: Path, entry: dict[str, Any]) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["003.dense.bias"].update(entry)
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError):
            load_model(path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("NaN", "NaN"),
            ("-Infinity", "Infinity"),
            ("1e999", "too large"),
            ("9" * 5000, "too large"),
            (str(2**64), "too large"),
            ('{"a": 1, "a": 1}', "twice"),
            ("[" * 100_000, "no valid JSON"),
            ('"\x01"', "no valid JSON"),
            ("1,", "no valid JSON"),
        ],
    )
    def test_what_is_no_strict_json(self, saved: Path, path: Path, text: str, message: str) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["x"] = "here"
        path.write_bytes(sealed(json.dumps(header).replace('"here"', text), data))
        with pytest.raises(ModelFileError, match=message):
            load_model(path)
        manifest = header["__metadata__"]["ferclassifier"].replace('"metadata":null', f'"m":{text}')
        header = {**header, "__metadata__": {"ferclassifier": manifest}}
        del header["x"]
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError, match=message):
            load_model(path)

    def test_a_key_twice_among_many_is_found_at_once(self, saved: Path, path: Path) -> None:
        """Counting each key anew took minutes."""
        header, data = taken_apart(saved.read_bytes())
        text = json.dumps({**header, **dict.fromkeys(map(str, range(60_000)), 1)})
        path.write_bytes(sealed(text[:-1] + ', "59999": 1}', data))
        with pytest.raises(ModelFileError, match="'59999' twice"):
            load_model(path)

    def test_text_that_is_no_unicode(self, saved: Path, path: Path) -> None:
        path.write_bytes(
            saved.read_bytes().replace(b'"003.dense.bias"', b'"\xff\xff\xff.dense.bias"')
        )
        with pytest.raises(ModelFileError, match="no valid JSON"):
            load_model(path)
        forge(saved, path, setting("metadata", to="\ud800"))
        with pytest.raises(ModelFileError, match="surrogates"):
            load_model(path)
