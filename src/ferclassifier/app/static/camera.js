// The camera, live: a frame is sent when the last has been answered, so that none is queued.

import { Bars } from "./bars.js";
import { lay, layBeside } from "./boxes.js";
import { byId, element, tellProblem } from "./dom.js";
import { predict } from "./server.js";
import { count, inWords } from "./words.js";

// Larger frames take longer, and show nothing more of a face before a camera.
const WIDEST = 640;
// Smaller faces, as a share of the height, are people in the background.
const SMALLEST = 0.1;
const MOST_PANELS = 3;
// Expressions that are told aloud stand for a while, and others are told only then.
const SECONDS_BETWEEN_WORDS = 4;
const SECONDS_OF_RATE = 3;
const MILLISECONDS_FOR_A_FRAME = 500;

export class Camera {
  #session = null;
  #canvas = document.createElement("canvas");
  #marks = [];
  #answered = [];
  #lastTold = { at: 0, text: "" };

  /** `settings()` gives the model and the threshold; `onShot` takes a photo. */
  constructor(settings, onShot) {
    this.settings = settings;
    this.video = byId("video");
    byId("camera-start").addEventListener("click", () => (this.#session ? this.stop() : this.start()));
    byId("camera-device").addEventListener("change", () => this.start());
    byId("camera-shot").addEventListener("click", async () => {
      const photo = await this.#grab(Infinity, 0.92);
      if (photo) onShot(new File([photo], "camera.jpg", { type: "image/jpeg" }));
    });
  }

  async start() {
    this.stop();
    tellProblem(byId("camera-problem"));
    const session = { abort: new AbortController(), nFrames: 0, nSeen: 0, onFrame: () => {} };
    this.#session = session;
    byId("camera-start").textContent = "Stop the camera";
    try {
      session.stream = await this.#opened();
      if (this.#session !== session) return void release(session.stream);
      this.video.srcObject = session.stream;
      await this.video.play();
      await this.#listDevices();
    } catch (error) {
      if (this.#session !== session) return;
      this.stop();
      tellProblem(byId("camera-problem"), whyNot(error));
      return;
    }
    session.stream.getVideoTracks()[0].addEventListener("ended", () => this.#session === session && this.stop());
    const facing = session.stream.getVideoTracks()[0].getSettings().facingMode;
    session.isMirrored = facing !== "environment";
    byId("camera-stage").classList.toggle("mirrored", session.isMirrored);
    byId("camera-stage").hidden = false;
    byId("camera-shot").disabled = false;
    byId("camera-status").textContent = "The camera is on.";
    this.#countFrames(session);
    this.#run(session);
  }

  stop() {
    const session = this.#session;
    if (!session) return;
    this.#session = null;
    session.abort.abort();
    if (session.stream) release(session.stream);
    this.video.srcObject = null;
    this.#show([], {});
    this.#answered = [];
    byId("camera-stage").hidden = true;
    byId("camera-shot").disabled = true;
    byId("camera-start").textContent = "Start the camera";
    byId("camera-status").textContent = "The camera is off.";
    byId("camera-rate").textContent = "";
  }

  #opened() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw Object.assign(new Error(), { name: "InsecureError" });
    }
    const id = byId("camera-device").value;
    const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
    return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
  }

  async #listDevices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const cameras = all.filter((device) => device.kind === "videoinput");
    const used = this.video.srcObject.getVideoTracks()[0].getSettings().deviceId;
    byId("camera-choice").hidden = cameras.length < 2;
    byId("camera-device").replaceChildren(...cameras.map((device, i) =>
      element("option", { value: device.deviceId, selected: device.deviceId === used }, device.label || `Camera ${i + 1}`)));
  }

  async #run(session) {
    const isOn = () => this.#session === session;
    while (isOn()) {
      await this.#newFrame(session);
      if (!isOn()) return;
      if (document.hidden) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        continue;
      }
      const frame = await this.#grab(WIDEST, 0.85);
      if (!frame) continue;
      const { width, height } = this.#canvas;
      try {
        const options = { ...this.settings(), min_size: Math.max(1, Math.round(SMALLEST * height)) };
        const answer = await predict(frame, options, session.abort.signal);
        if (!isOn()) return;
        this.#show(answer.photos[0].faces, { width, height, isMirrored: session.isMirrored });
        this.#tellRate();
        this.#tellFaces(answer.photos[0].faces);
      } catch (error) {
        if (!isOn()) return;
        this.stop();
        tellProblem(byId("camera-problem"), error.message);
      }
    }
  }

  /** Count the frames that the camera gives. */
  #countFrames(session) {
    const next = (then) => (this.video.requestVideoFrameCallback ? this.video.requestVideoFrameCallback(then) : requestAnimationFrame(then));
    const count = () => {
      session.nFrames += 1;
      session.onFrame();
      if (this.#session === session) next(count);
    };
    next(count);
  }

  /** Wait for a frame that has not been looked at, if there is none; but not for ever. */
  async #newFrame(session) {
    if (session.nFrames === session.nSeen) {
      await new Promise((resolve) => {
        session.onFrame = resolve;
        setTimeout(resolve, MILLISECONDS_FOR_A_FRAME);
      });
    }
    session.nSeen = session.nFrames;
  }

  #grab(widest, quality) {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return null;
    const scale = Math.min(1, widest / videoWidth);
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#canvas.getContext("2d").drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
    return new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", quality));
  }

  /** Move the boxes and bars that are there, and make and remove but what has to be. */
  #show(faces, frame) {
    while (this.#marks.length > faces.length) this.#marks.pop().remove();
    while (this.#marks.length < faces.length) this.#marks.push(new Mark(byId("camera-boxes")));
    faces.forEach((face, i) => this.#marks[i].show(face, frame, i < MOST_PANELS));
  }

  #tellRate() {
    const now = performance.now();
    this.#answered.push(now);
    while (now - this.#answered[0] > 1000 * SECONDS_OF_RATE) this.#answered.shift();
    const n = this.#answered.length - 1;
    if (n < 2) return;
    const rate = (1000 * n) / (now - this.#answered[0]);
    byId("camera-rate").textContent = `${rate.toFixed(1)} pictures a second. What comes in between is not looked at, and nothing is recorded.`;
  }

  #tellFaces(faces) {
    const text = faces.length ? `${count(faces.length, "face")}: ${inWords(faces.map((face) => face.emotion))}.` : "No face is seen.";
    const now = performance.now();
    if (text === this.#lastTold.text || now - this.#lastTold.at < 1000 * SECONDS_BETWEEN_WORDS) return;
    this.#lastTold = { at: now, text };
    byId("camera-status").textContent = text;
  }
}

/** A box over the picture with the name of the expression, and bars beside it. */
class Mark {
  constructor(stage) {
    this.tag = element("span", { class: "tag" });
    this.box = element("div", { class: "box", "aria-hidden": "true" }, this.tag);
    this.bars = new Bars();
    this.panel = element("div", { class: "panel", "aria-hidden": "true" }, this.bars.list);
    stage.append(this.box, this.panel);
  }

  show(face, frame, hasPanel) {
    const box = face.box ?? { left: 0, top: 0, right: frame.width, bottom: frame.height };
    this.tag.textContent = face.emotion;
    lay(this.box, box, frame);
    this.panel.hidden = !hasPanel;
    if (!hasPanel) return;
    this.bars.show(face.probabilities);
    layBeside(this.panel, box, frame);
  }

  remove() {
    this.box.remove();
    this.panel.remove();
  }
}

function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function whyNot(error) {
  const reasons = {
    InsecureError: "Browsers give a camera only to pages of localhost and of https addresses. Open this page on the machine that runs it, at http://localhost, or through https.",
    NotAllowedError: "The page may not use the camera. Allow it beside the address of the page, and start the camera again.",
    NotFoundError: "No camera was found. Connect one, and start the camera again.",
    NotReadableError: "The camera is used by another program. Close that, and start the camera again.",
    OverconstrainedError: "That camera is gone. Choose another one.",
  };
  return reasons[error.name] ?? `The camera cannot be started: ${error.message || error.name}.`;
}
