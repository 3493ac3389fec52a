"""The page in a real browser: by mouse, by keyboard, on a phone, and before a camera."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app_clients import as_file, running
from ferclassifier import predict_photos
from ferclassifier.app import Limits, create_app

SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1100, "height": 800}},
    "dark": {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}
MAX_BYTES = 300_000
# A name that is markup, and that a spreadsheet would take for a formula.
EVIL = "=1+1<img src=x onerror=alert(1)>.jpg"


@pytest.fixture(scope="module")
def camera(portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one face, left of the middle, which Chromium takes for its camera."""
    frame = Image.new("RGB", (640, 480), "gray")
    with Image.open(portrait) as face:
        frame.paste(face.resize((360, 420)), (20, 40))
    y, *chroma = frame.convert("YCbCr").split()
    planes = y.tobytes() + b"".join(plane.resize((320, 240)).tobytes() for plane in chroma)
    path = tmp_path_factory.mktemp("camera") / "camera.y4m"
    head = b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(head + 10 * (b"FRAME\n" + planes))
    return path


@pytest.fixture(scope="module")
def browser(camera: Path) -> Iterator[Any]:
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium on this machine to open the page in")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(create_app(limits=Limits(max_bytes=MAX_BYTES))) as found:
        yield found


@pytest.fixture(scope="module")
def photos(
    photo: bytes, group: bytes, no_face: bytes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("photos")
    contents = {
        "one.jpg": photo,
        "five.jpg": group,
        "none.jpg": no_face,
        "text.jpg": b"hello",
        "large.jpg": b"x" * (MAX_BYTES + 1),
        "tiff.tif": as_file(Image.open(io.BytesIO(photo)).resize((256, 300)), "TIFF"),
        EVIL: photo,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


class Opened:
    """The page on a screen, and what it asked for and complained of."""

    def __init__(self, browser: Any, address: str, screen: str, script: str | None) -> None:
        self.context = browser.new_context(accept_downloads=True, **SCREENS[screen])
        self.page = self.context.new_page()
        if script is not None:
            self.page.add_init_script(script)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(address)
        self.page.wait_for_selector("#limits-told:not(:empty)")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def choose(self, *paths: Path) -> None:
        self.page.set_input_files("#files", paths)

    def wait_for(self, text: str) -> None:
        self.page.wait_for_selector(f"#photos-status:has-text('{text}')", state="attached")

    def ask(self, script: str) -> Any:
        return self.page.evaluate(script)

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.page.locator(selector).all_inner_texts()
        return found

    def focused(self) -> str:
        found: str = self.ask("document.activeElement.id || document.activeElement.className")
        return found


@pytest.fixture
def opened(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The page on a desk, or what the test is parametrized with; it complains of nothing."""
    with Opened(browser, address, getattr(request, "param", "desktop"), None) as page:
        yield page
        assert page.complaints == []
        outside = [url for url in page.requests if not url.startswith((address, "blob:"))]
        assert outside == []


def test_a_photo_is_shown_with_boxes_and_bars(opened: Opened, photos: dict[str, Path]) -> None:
    opened.choose(photos["one.jpg"])
    opened.wait_for("1 face: neutral.")
    [row] = predict_photos(photos["one.jpg"])
    assert opened.texts(".face h3") == [f"1 · neutral {100 * row['probability']:.0f} %"]
    assert opened.texts(".face dt")[0] == "angry"
    shares = opened.texts(".face dd.share")
    assert shares[5] == f"{100 * row['neutral']:.0f} %"
    bars = opened.ask("[...document.querySelectorAll('.face .track i')].map(i => i.style.width)")
    assert float(bars[5].rstrip("%")) == pytest.approx(100 * row["neutral"], abs=0.1)
    # The box lies over the face, in shares of the picture's sides.
    picture, box = (
        opened.page.locator(selector).bounding_box() for selector in ("#picture", ".box")
    )
    for side, length, place in (("left", "width", "x"), ("top", "height", "y")):
        share = (box[place] - picture[place]) / picture[length]
        assert share == pytest.approx(row[side] / {"left": 512, "top": 600}[side], abs=0.01)
    assert opened.ask("document.querySelector('#picture').ariaLabel").endswith("1 face: neutral.")


def test_where_the_model_looked_is_shown_on_request(
    opened: Opened, photos: dict[str, Path]
) -> None:
    opened.choose(photos["one.jpg"])
    opened.page.click("text=Show where the model looked")
    opened.page.wait_for_selector(".looked canvas")
    assert "looked" in opened.focused()
    label = opened.ask("document.querySelector('.looked canvas').ariaLabel")
    assert "most in the" in label
    colours = opened.ask(
        "[...document.querySelector('.looked canvas').getContext('2d')"
        ".getImageData(0, 0, 48, 48).data]"
    )
    assert any(red != green for red, green in zip(colours[::4], colours[1::4], strict=True))


def test_several_photos_are_a_table(
    browser: Any, address: str, photos: dict[str, Path], tmp_path: Path
) -> None:
    """Names are shown as they are, and no cell of the file begins a formula."""
    with Opened(browser, address, "desktop", None) as opened:
        opened.choose(*(photos[name] for name in ("five.jpg", EVIL, "none.jpg", "text.jpg")))
        opened.wait_for("6 faces in 4 photos; 1 photo could not be read.")
        assert opened.texts("#rows th") == ["five.jpg", EVIL, "none.jpg", "text.jpg"]
        assert len(opened.texts("#rows tr")) == 5 + 3
        assert opened.page.locator("#rows img").count() == 0
        opened.page.click(f"#rows button:has-text('{EVIL}')")
        assert opened.texts("#viewer-name") == [EVIL]
        with opened.page.expect_download() as downloading:
            opened.page.click("#download")
        downloading.value.save_as(tmp_path / "faces.csv")
        # The browser itself tells of the photo that was refused.
        assert [text for text in opened.complaints if "415" not in text] == []
    rows = list(csv.DictReader((tmp_path / "faces.csv").read_text("utf-8").splitlines()))
    expected = list(predict_photos(photos[name] for name in ("five.jpg", EVIL, "none.jpg")))
    assert [row["path"] for row in rows] == ["five.jpg"] * 5 + [f"./{EVIL}", "none.jpg"]
    assert list(rows[0]) == list(expected[0])
    for found, row in zip(rows, expected, strict=True):
        assert found["emotion"] == (row["emotion"] or "")
        assert found["left"] == ("" if row["left"] is None else str(row["left"]))
        if row["probability"] is not None:
            assert float(found["probability"]) == pytest.approx(row["probability"], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *((f"{sign}1.jpg", f"./{sign}1.jpg") for sign in "=+-@\uff1d\uff0b\uff0d\uff20"),
        ("a;=1.jpg", '"a;=1.jpg"'),
        ('a,"b".jpg', '"a,""b"".jpg"'),
        ("a\n=b.jpg", "a\\u000a=b.jpg"),
        ("\t=b.jpg", "\\u0009=b.jpg"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
    ],
)
def test_cells_of_the_file(opened: Opened, name: str, cell: str) -> None:
    written = opened.page.evaluate(
        """async (name) => {
            const { csvOf } = await import(new URL("static/csv.js", location));
            const box = {left: 1, top: 2, right: 3, bottom: 4};
            const face = {box, detection: 0.5, emotion: "=x", probability: 0.7,
                          probabilities: {"=x": 0.7, "face": 0.3, "y;=z": 0}};
            const classes = ["=x", "face", "y;=z"];
            return csvOf([{name, found: {faces: [face]}}, {name, found: null}], classes);
        }""",
        name,
    )
    header, row, *rest = written.split("\n")
    assert header.endswith(""",emotion,probability,'=x,face_,"y;'=z\"""")
    assert row == f"{cell},0,1,2,3,4,0.5,'=x,0.7,0.7,0.3,0"
    assert rest == [""]


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_photos_are_dropped_and_pasted(opened: Opened, photos: dict[str, Path], event: str) -> None:
    data = list(photos["one.jpg"].read_bytes())
    opened.page.evaluate(
        """([bytes, event]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "in.jpg", {type: "image/jpeg"}));
            const options = {bubbles: true, cancelable: true};
            const made = event === "drop"
                ? new DragEvent("drop", {...options, dataTransfer: carried})
                : new ClipboardEvent("paste", {...options, clipboardData: carried});
            document.body.dispatchEvent(made);
            if (event === "drop" && !made.defaultPrevented) throw "the browser would leave";
        }""",
        [data, event],
    )
    opened.wait_for("1 face: neutral.")
    assert opened.texts("#viewer-name") == ["in.jpg"]


def test_no_face_is_told(opened: Opened, photos: dict[str, Path]) -> None:
    opened.choose(photos["none.jpg"])
    opened.wait_for("No face was found.")
    assert opened.page.locator(".face, .box").count() == 0


def test_what_is_no_image_is_told_aloud(
    browser: Any, address: str, photos: dict[str, Path]
) -> None:
    with Opened(browser, address, "desktop", None) as opened:
        opened.choose(photos["text.jpg"])
        opened.page.wait_for_selector("#photos-problem[role=alert] .problem")
        [text] = opened.texts("#photos-problem")
        assert text.startswith("text.jpg: Not an image in one of the formats JPEG, PNG")
        assert not opened.page.is_visible("#stage")


def test_what_is_too_large_is_not_sent(opened: Opened, photos: dict[str, Path]) -> None:
    opened.choose(photos["large.jpg"])
    opened.page.wait_for_selector("#photos-problem .problem")
    assert "at most 0.3 MB" in opened.texts("#photos-problem")[0]
    assert not [url for url in opened.requests if "predict" in url]


def test_a_format_that_browsers_do_not_show_is_answered(
    opened: Opened, photos: dict[str, Path]
) -> None:
    opened.choose(photos["tiff.tif"])
    opened.wait_for("1 face: neutral.")
    opened.page.wait_for_selector("#no-picture:visible")


def test_another_model_and_threshold_are_asked_at_once(
    opened: Opened, photos: dict[str, Path]
) -> None:
    opened.choose(photos["one.jpg"])
    opened.wait_for("1 face: neutral.")
    opened.page.select_option("#model", "tiny")
    opened.page.wait_for_selector(".face >> nth=0")
    opened.page.wait_for_selector(".face dt:has-text('contempt')", state="detached")
    assert len(opened.texts(".face dt")) == 7
    opened.page.fill("#threshold", "0.95")
    opened.page.wait_for_timeout(600)
    assert "model=tiny&threshold=0.95" in opened.requests[-1]


def test_the_card_is_one_click_away_and_gives_the_focus_back(opened: Opened) -> None:
    opened.page.click("#open-harm")
    opened.page.wait_for_selector("#card section")
    assert "Who may be harmed:" in opened.texts("#card")[0]
    assert opened.ask("document.activeElement.textContent") == "Ethical considerations"
    opened.page.keyboard.press("Escape")
    assert opened.focused() == "open-harm"
    opened.page.click("#open-card")
    opened.page.wait_for_selector("#card section")
    assert "89." in opened.texts("#card .figures")[0]
    opened.page.click("#card-close")
    assert opened.focused() == "open-card"


def test_the_keyboard_is_enough(opened: Opened, photos: dict[str, Path]) -> None:
    visited = []
    for _ in range(7):
        opened.page.keyboard.press("Tab")
        visited.append(opened.focused())
        # The input for files is not seen itself: its label shows the focus.
        shown = "(e => e.id === 'files' ? e.nextElementSibling : e)(document.activeElement)"
        assert opened.ask(f"getComputedStyle({shown}).outlineStyle") == "solid"
    controls = ["skip", "model", "threshold", "open-card", "open-harm", "tab-photos", "files"]
    assert visited == controls
    with opened.page.expect_file_chooser() as choosing:
        opened.page.keyboard.press("Space")
    choosing.value.set_files([photos["five.jpg"], photos["one.jpg"]])
    opened.wait_for("6 faces in 2 photos.")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.texts(".face.chosen h3")[0].startswith("2 · ")
    assert opened.ask("document.activeElement.ariaLabel").startswith("Face 2: neutral")
    opened.page.focus("#tab-photos")
    opened.page.keyboard.press("ArrowRight")
    assert opened.focused() == "tab-camera"
    assert opened.page.is_visible("#camera-start")
    assert not opened.page.is_visible("#drop")


def test_photos_can_be_removed(opened: Opened, photos: dict[str, Path]) -> None:
    opened.choose(photos["one.jpg"])
    opened.wait_for("1 face")
    opened.page.click("#clear")
    assert opened.page.locator("#viewer:visible, #all:visible").count() == 0
    opened.choose(photos["one.jpg"])
    opened.wait_for("1 face")


class TestCamera:
    def test_boxes_and_bars_lie_over_the_picture(self, opened: Opened) -> None:
        in_flight, most = 0, 0

        def begun(request: Any) -> None:
            nonlocal in_flight, most
            in_flight += "/predict" in request.url
            most = max(most, in_flight)

        def ended(request: Any) -> None:
            nonlocal in_flight
            in_flight -= "/predict" in request.url

        opened.page.on("request", begun)
        opened.page.on("requestfinished", ended)
        opened.page.on("requestfailed", ended)
        opened.page.click("#tab-camera")
        opened.page.click("#camera-start")
        opened.page.wait_for_selector("#camera-boxes .panel")
        opened.page.wait_for_selector("#camera-rate:has-text('pictures a second')")
        assert opened.texts("#camera-boxes .tag") == ["neutral"]
        opened.page.wait_for_selector("#camera-status:has-text('1 face: neutral.')")
        stage = opened.page.locator("#camera-stage").bounding_box()
        box = opened.page.locator("#camera-boxes .box").bounding_box()
        # It is a mirror: what the film has on the left is on the right.
        assert (box["x"] - stage["x"] + box["width"] / 2) / stage["width"] > 0.6
        # No frame is sent before the last has been answered.
        assert most == 1
        assert len([url for url in opened.requests if "/predict" in url]) >= 3
        opened.page.click("#camera-start")
        assert not opened.page.is_visible("#camera-stage")
        assert opened.ask("document.querySelector('#video').srcObject") is None

    def test_a_photo_is_taken(self, opened: Opened) -> None:
        opened.page.goto(opened.page.url + "#camera")
        opened.page.reload()
        opened.page.click("#camera-start")
        opened.page.wait_for_selector("#camera-boxes .panel")
        opened.page.click("#camera-shot")
        opened.wait_for("1 face: neutral.")
        assert opened.texts("#viewer-name") == ["camera.jpg"]
        # The other tab lets the camera go.
        assert opened.ask("document.querySelector('#video').srcObject") is None

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("NotAllowedError", "Allow it"),
            ("NotFoundError", "Connect one"),
            ("Odd", "Odd"),
        ],
    )
    def test_why_there_is_none(self, browser: Any, address: str, name: str, words: str) -> None:
        script = (
            "navigator.mediaDevices.getUserMedia = () => "
            f"Promise.reject(Object.assign(new Error(), {{name: '{name}'}}));"
        )
        with Opened(browser, address, "desktop", script) as opened:
            opened.page.click("#tab-camera")
            opened.page.click("#camera-start")
            opened.page.wait_for_selector("#camera-problem .problem")
            assert words in opened.texts("#camera-problem")[0]
            assert opened.texts("#camera-start") == ["Start the camera"]


def test_who_is_busy_is_asked_again(opened: Opened, photos: dict[str, Path]) -> None:
    """The browser tells of each refusal in its console, which is no complaint of the page."""
    refusals = iter([503])

    def answer(route: Any) -> None:
        status = next(refusals, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, json={"error": {"code": "busy", "message": "Later."}})

    opened.page.route("**/predict?*", answer)
    opened.choose(photos["one.jpg"])
    opened.wait_for("1 face: neutral.")
    opened.complaints[:] = [text for text in opened.complaints if "503" not in text]


def test_a_server_that_is_gone_is_told(browser: Any, address: str, photos: dict[str, Path]) -> None:
    with Opened(browser, address, "desktop", None) as opened:
        opened.page.route("**/predict?*", lambda route: route.abort())
        opened.choose(photos["one.jpg"])
        opened.page.wait_for_selector("#photos-problem .problem")
        assert "still running" in opened.texts("#photos-problem")[0]


@pytest.mark.parametrize("opened", SCREENS, indirect=True)
def test_nothing_sticks_out_of_the_screen(opened: Opened, photos: dict[str, Path]) -> None:
    def overhang() -> Any:
        return opened.ask("document.documentElement.scrollWidth - innerWidth")

    assert overhang() <= 0
    opened.choose(photos["five.jpg"], photos["one.jpg"])
    opened.wait_for("6 faces")
    assert overhang() <= 0
    opened.page.click("#open-card")
    opened.page.wait_for_selector("#card section")
    card = "document.querySelector('#card')"
    assert opened.ask(f"{card}.scrollWidth - {card}.clientWidth") <= 0
    sizes = opened.ask(
        "[...document.querySelectorAll('button, .button, select, input[type=range]')]"
        ".filter(e => e.offsetParent && !e.closest('table, .boxes')).map(e => e.offsetHeight)"
    )
    assert min(sizes) >= 44


def test_the_page_is_dark_where_the_screen_is(browser: Any, address: str) -> None:
    grounds = {}
    for screen in ("desktop", "dark"):
        with Opened(browser, address, screen, None) as opened:
            grounds[screen] = opened.ask("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"desktop": "rgb(246, 244, 238)", "dark": "rgb(20, 25, 23)"}


def test_nothing_moves_for_those_who_ask_for_rest(opened: Opened, photos: dict[str, Path]) -> None:
    opened.choose(photos["one.jpg"])
    opened.page.wait_for_selector(".face .track i")
    for preference, seconds in {"no-preference": "0.15s", "reduce": "0s"}.items():
        opened.page.emulate_media(reduced_motion=preference)
        style = "getComputedStyle(document.querySelector('.face .track i')).transitionDuration"
        assert opened.ask(style) == seconds
