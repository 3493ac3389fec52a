"""What is answered, and what is refused, without a network between."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image

from app_clients import as_file, client_of
from ferclassifier import OnnxFERClassifier, list_pretrained, predict_photos
from ferclassifier.app import Limits, create_app
from ferclassifier.images import read_image
from ferclassifier.inspection import saliency
from photo_files import side_model, write_face

OPENAPI = json.loads((files("ferclassifier.app") / "openapi.json").read_text())


def assert_documented(response: Any, path: str) -> Any:
    """Assert that an answer is as openapi.json says, and return what it holds."""
    method = response.request.method.lower()
    told = OPENAPI["paths"][path][method]["responses"][str(response.status_code)]
    schema = told["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator({**schema, "components": OPENAPI["components"]})
    found = response.json()
    validator.validate(found)
    assert response.headers["content-type"] == "application/json"
    return found


def assert_refused(response: Any, status: int, code: str, *words: str) -> None:
    assert response.status_code == status, response.text
    error = assert_documented(response, response.request.url.path)["error"]
    assert error["code"] == code
    for word in words:
        assert word in error["message"]


def test_the_schemas_are_schemas() -> None:
    for schema in OPENAPI["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_photo_is_answered_as_predict_photos_does(
    client: Any, photo: bytes, portrait: Path
) -> None:
    response = client.post("/predict", content=photo, headers={"Content-Type": "image/jpeg"})
    found = assert_documented(response, "/predict")
    [row] = predict_photos(portrait)
    [face] = found["photos"][0]["faces"]
    assert face["box"] == {side: row[side] for side in ("left", "top", "right", "bottom")}
    assert face["emotion"] == row["emotion"]
    assert face["detection"] == pytest.approx(row["detection"], abs=1e-5)
    assert face["probabilities"] == pytest.approx({n: row[n] for n in found["classes"]}, abs=1e-5)
    assert list(face["probabilities"]) == found["classes"]
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert (found["photos"][0]["width"], found["photos"][0]["height"]) == (512, 600)


def test_faces_come_the_largest_first(client: Any, group: bytes) -> None:
    faces = client.post("/predict", content=group).json()["photos"][0]["faces"]
    assert len(faces) == 5
    heights = [face["box"]["bottom"] - face["box"]["top"] for face in faces]
    assert heights == sorted(heights, reverse=True)


def test_no_face_is_an_answer(client: Any, no_face: bytes) -> None:
    found = assert_documented(client.post("/predict", content=no_face), "/predict")
    assert found["photos"][0]["faces"] == []


def test_a_small_image_is_a_face_itself(client: Any, tmp_path: Path) -> None:
    crop = write_face(tmp_path / "face.png").read_bytes()
    found = assert_documented(client.post("/predict", content=crop), "/predict")
    [face] = found["photos"][0]["faces"]
    assert face["box"] is None
    assert face["detection"] is None


def test_boxes_end_at_the_edges_of_the_photo(client: Any, portrait: Path) -> None:
    with Image.open(portrait) as image:
        cut = as_file(image.crop((180, 150, 512, 600)))
    found = assert_documented(client.post("/predict", content=cut), "/predict")
    [face] = found["photos"][0]["faces"]
    assert face["box"]["left"] == 0
    assert face["box"]["right"] > 100


def test_a_photo_on_its_side_is_turned_upright(client: Any, portrait: Path) -> None:
    with Image.open(portrait) as image:
        exif = image.getexif()
        exif[0x0112] = 6
        turned = as_file(image.transpose(Image.Transpose.ROTATE_90), exif=exif)
    [found] = client.post("/predict", content=turned).json()["photos"]
    assert (found["width"], found["height"]) == (512, 600)
    assert len(found["faces"]) == 1


def test_a_form_of_photos(client: Any, photo: bytes, no_face: bytes) -> None:
    """One that cannot be read does not spoil the others; names come back as they were sent."""
    name = '=1+1 "<b>ü\u202e.jpg'
    sent = [("a", (name, photo)), ("a", ("no.txt", b"hello")), ("b", ("c.jpg", no_face))]
    response = client.post("/predict", files=sent, data={"note": "no file"})
    first, second, third = assert_documented(response, "/predict")["photos"]
    assert len(first["faces"]) == 1
    assert first["name"].replace("%22", '"') == name
    assert second["error"]["code"] == "no_image"
    assert second["name"] == "no.txt"
    assert third["faces"] == []
    assert third["error"] is None


def test_other_models_and_thresholds(client: Any, photo: bytes, portrait: Path) -> None:
    found = client.post("/predict?model=tiny&threshold=0.9", content=photo).json()
    assert (found["model"], found["threshold"], len(found["classes"])) == ("tiny", 0.9, 7)
    with Image.open(portrait) as image:
        far = Image.new("RGB", (320, 240), "gray")
        far.paste(image.resize((51, 60)), (100, 80))
    for threshold, n_faces in {"0.6": 1, "0.9": 0}.items():
        found = client.post(f"/predict?threshold={threshold}", content=as_file(far)).json()
        assert len(found["photos"][0]["faces"]) == n_faces
    found = client.post("/predict?min_size=400", content=photo).json()
    assert found["photos"][0]["faces"] == []


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    client = client_of(side_model(tmp_path / "side.onnx"))
    face = write_face(tmp_path / "face.png", "sad").read_bytes()
    found = assert_documented(client.post("/predict", content=face), "/predict")
    assert found["model"] == "side"
    assert found["photos"][0]["faces"][0]["emotion"] == "sad"
    listed = assert_documented(client.get("/models"), "/models")["models"]
    assert [model["name"] for model in listed if model["is_default"]] == ["side"]
    response = client.get("/models/side/card")
    assert response.status_code == 404
    assert assert_documented(response, "/models/{name}/card")["error"]["code"] == "no_card"


@pytest.mark.parametrize(
    ("own", "name"), [(None, "model"), ("smiles", "smiles"), ("tiny", "tiny_"), (7, "model")]
)
def test_models_of_ones_own_do_not_stand_in_for_others(own: Any, name: str) -> None:
    model = Faulty()
    if own is not None:
        model.name = own
    listed = client_of(model).get("/models").json()["models"]
    assert listed[0] == {
        "name": name,
        "is_default": True,
        "summary": "A model of your own.",
        "classes": ["a", "b"],
        "has_card": False,
    }
    assert "tiny" in [one["name"] for one in listed[1:]]


def test_a_map_is_that_of_inspection(tmp_path: Path) -> None:
    model = side_model(tmp_path / "side.onnx")
    path = write_face(tmp_path / "face.png", "sad")
    response = client_of(model).post("/saliency", content=path.read_bytes())
    found = assert_documented(response, "/saliency")
    pixels = read_image(path)
    [expected] = saliency(OnnxFERClassifier(model), pixels[np.newaxis], "occlusion")
    assert found["pixels"] == pixels.ravel().tolist()
    assert found["map"] == pytest.approx(expected.ravel(), abs=1e-3)


def test_saliency(client: Any, photo: bytes) -> None:
    response = client.post("/saliency?emotion=happy", content=photo)
    found = assert_documented(response, "/saliency")
    assert found["emotion"] == "happy"
    assert len(found["map"]) == len(found["pixels"]) == 48 * 48
    assert max(found["map"]) == 1
    assert_refused(client.post("/saliency?face=1", content=photo), 422, "no_such_face", "1 face")
    assert_refused(client.post("/saliency?emotion=x", content=photo), 422, "wrong_parameter")


@pytest.mark.parametrize("name", ["plus", "tiny", "compact", "best"])
def test_cards(client: Any, name: str) -> None:
    found = assert_documented(client.get(f"/models/{name}/card"), "/models/{name}/card")
    text = json.dumps(found)
    assert "Who may be harmed" in text
    assert "Accuracy" in text


def test_health_and_description(client: Any) -> None:
    assert assert_documented(client.get("/health"), "/health")["status"] == "ok"
    assert assert_documented(client.get("/openapi.json"), "/openapi.json") == OPENAPI
    listed = assert_documented(client.get("/models"), "/models")
    assert listed["models"][0]["name"] == "plus"
    assert {model["name"] for model in listed["models"]} <= set(list_pretrained())


class TestRefused:
    def test_what_is_no_image(self, client: Any) -> None:
        response = client.post("/predict", content=b"hello", headers={"Content-Type": "image/jpeg"})
        assert_refused(response, 415, "no_image", "JPEG")

    def test_a_damaged_image(self, client: Any, photo: bytes) -> None:
        assert_refused(client.post("/predict", content=photo[:999]), 422, "unreadable_image")
        assert_refused(client.post("/predict", content=b""), 422, "unreadable_image")

    @pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "é"])
    def test_other_types(self, client: Any, photo: bytes, kind: str) -> None:
        headers = {"Content-Type": kind.encode("latin-1")}
        response = client.post("/predict", content=photo, headers=headers)
        assert_refused(response, 415, "wrong_type", "image/jpeg")

    def test_too_many_pixels(self, photo: bytes) -> None:
        response = client_of(limits=Limits(max_pixels=300_000)).post("/predict", content=photo)
        assert_refused(response, 422, "unreadable_image", "512 x 600")

    def test_too_many_bytes(self, photo: bytes) -> None:
        client = client_of(limits=Limits(max_bytes=10_000))
        assert_refused(client.post("/predict", content=photo), 413, "too_large", "10,000")
        chunks = (photo[i : i + 1000] for i in range(0, len(photo), 1000))
        assert_refused(client.post("/predict", content=chunks), 413, "too_large", "10,000")

    def test_too_many_faces_are_left_out(self, group: bytes) -> None:
        client = client_of(limits=Limits(max_faces=2))
        [found] = client.post("/predict", content=group).json()["photos"]
        assert (len(found["faces"]), found["left_out"]) == (2, 3)

    def test_too_many_files(self, photo: bytes) -> None:
        client = client_of(limits=Limits(max_files=2))
        sent = [("f", ("a.jpg", photo))] * 3
        assert_refused(client.post("/predict", files=sent), 422, "too_many_files", "2 files")

    @pytest.mark.parametrize(
        "query",
        [
            *("threshold=0", "threshold=1", "threshold=nan", "threshold=x", "min_size=0"),
            *("min_size=1.5", "min_size=" + "9" * 5000, "treshold=0.5", "face=0"),
        ],
    )
    def test_other_parameters(self, client: Any, photo: bytes, query: str) -> None:
        response = client.post(f"/predict?{query}", content=photo)
        assert_refused(response, 422, "wrong_parameter", "expected")
        assert len(response.json()["error"]["message"]) < 300

    def test_unknown_models(self, client: Any, photo: bytes) -> None:
        response = client.post("/predict?model=../secret", content=photo)
        assert_refused(response, 422, "unknown_model", "plus")
        response = client.get("/models/nobody/card")
        assert response.status_code == 404
        assert assert_documented(response, "/models/{name}/card")

    @pytest.mark.parametrize("path", ["/predict/", "/static/../_create.py", "/static/x", "/docs"])
    def test_other_addresses(self, client: Any, path: str) -> None:
        response = client.get(path)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")

    def test_other_methods(self, client: Any) -> None:
        response = client.get("/predict")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert response.json()["error"]["code"] == "wrong_method"


class TestGuard:
    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "", "a@localhost", "localhost:x", "1.2"]
    )
    def test_names_that_lead_here_by_somebody_elses_doing(self, client: Any, host: str) -> None:
        response = client.get("/health", headers={"Host": host})
        assert response.status_code == 421
        assert assert_documented(response, "/health")["error"]["code"] == "unknown_host"

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:80", "192.168.0.7:8000"]
    )
    def test_own_names(self, client: Any, host: str) -> None:
        assert client.get("/health", headers={"Host": host}).status_code == 200

    def test_an_allowed_name(self) -> None:
        client = client_of("tiny", allowed_hosts=["Faces.example.org"])
        for host, status in {"faces.example.org:443": 200, "other.example.org": 421}.items():
            assert client.get("/health", headers={"Host": host}).status_code == status

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:81"},
            {"Origin": "file://localhost"},
            {"Origin": "http://[", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_pages_of_others(self, client: Any, photo: bytes, headers: dict[str, str]) -> None:
        response = client.post("/predict", content=photo, headers=headers)
        assert_refused(response, 403, "foreign_page")

    @pytest.mark.parametrize(
        "headers", [{"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {}]
    )
    def test_own_pages_and_programs(
        self, client: Any, photo: bytes, headers: dict[str, str]
    ) -> None:
        assert client.post("/predict", content=photo, headers=headers).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/"), ("GET", "/nowhere"), ("POST", "/predict"), ("GET", "/static/style.css")],
    )
    def test_what_browsers_are_told(self, client: Any, method: str, path: str) -> None:
        headers = client.request(method, path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=(self)" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


class Faulty:
    """A model that fails."""

    name: Any
    classes = ("a", "b")
    image_shape = (48, 48, 1)

    def predict_proba(self, images: Any) -> Any:
        raise RuntimeError("a secret")


def test_a_fault_gives_its_place_back_and_tells_nothing(tmp_path: Path) -> None:
    client = client_of(Faulty(), limits=Limits(at_once=1))
    face = write_face(tmp_path / "face.png").read_bytes()
    for _ in range(3):
        response = client.post("/predict", content=face)
        assert_refused(response, 500, "fault")
        assert "secret" not in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    "changes",
    [{"max_bytes": 0}, {"at_once": 1.5}, {"body_seconds": 0}, {"body_seconds": float("nan")}],
)
def test_limits_that_let_nothing_through(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        create_app("tiny", limits=Limits(**changes))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(ImportError, match=r"ferclassifier\[app\]"):
        create_app("tiny")


def test_a_server_loads_nothing_heavy(portrait: Path) -> None:
    """A process that answers photos and explains them needs neither TensorFlow nor scikit-learn."""
    code = (
        "import sys, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from ferclassifier.app import create_app\n"
        "from starlette.testclient import TestClient\n"
        "client = TestClient(create_app(), base_url='http://localhost')\n"
        "photo = open(sys.argv[1], 'rb').read()\n"
        "for path in ('/predict', '/saliency'):\n"
        "    assert client.post(path, content=photo).status_code == 200\n"
        "assert client.get('/models/plus/card').status_code == 200\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy', 'pandas'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(portrait)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
