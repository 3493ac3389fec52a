// The photos that were chosen, dropped or pasted: one after another they are asked about.

import { csvOf } from "./csv.js";
import { byId, tellProblem } from "./dom.js";
import { predict } from "./server.js";
import { markChosen, showRows, showTable } from "./table.js";
import { showNothing, showPhoto, told } from "./viewer.js";
import { count, megabytes, printable } from "./words.js";

export class Photos {
  #photos = [];
  #chosen = null;
  #isAsking = false;
  #round = new AbortController();
  #nextId = 0;

  /** `settings()` gives the model and the threshold, `limits()` what the server takes. */
  constructor(settings, limits) {
    this.settings = settings;
    this.limits = limits;
    const input = byId("files");
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
    byId("clear").addEventListener("click", () => this.clear());
    byId("download").addEventListener("click", () => this.#download());
    document.addEventListener("dragover", (event) => this.#onDrag(event, true));
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) this.#onDrag(event, false);
    });
    document.addEventListener("drop", (event) => {
      this.#onDrag(event, false);
      this.add([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) this.add(files);
    });
  }

  /** Take files; the first of them is shown. */
  add(files) {
    if (!files.length) return;
    tellProblem(byId("photos-problem"));
    const added = files.map((file) => ({ id: this.#nextId++, file, name: file.name || "photo", ...NEW }));
    for (const photo of added) photo.problem = this.#tooLarge(photo.file);
    this.#photos.push(...added);
    byId("drop").classList.add("small");
    this.#choose(added[0]);
    showTable(this.#photos, this.#chosen, (photo) => this.#choose(photo));
    this.#ask();
  }

  /** Ask about all photos again, as the model or the threshold is another one. */
  askAgain() {
    if (!this.#photos.length) return;
    this.#round.abort();
    this.#round = new AbortController();
    for (const photo of this.#photos) Object.assign(photo, NEW, { problem: this.#tooLarge(photo.file) });
    this.#choose(this.#chosen);
    showTable(this.#photos, this.#chosen, (photo) => this.#choose(photo));
    this.#ask();
  }

  clear() {
    this.#round.abort();
    this.#round = new AbortController();
    this.#photos = [];
    this.#chosen = null;
    showNothing();
    showTable([], null, null);
    tellProblem(byId("photos-problem"));
    byId("drop").classList.remove("small");
    byId("photos-status").classList.remove("heard");
    byId("photos-status").textContent = "All photos are removed.";
    byId("files").focus();
  }

  async #ask() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (let photo; (photo = this.#photos.find((one) => !one.found && !one.problem)); ) {
      await this.#askAbout(photo);
    }
    this.#isAsking = false;
    this.#tellAll();
  }

  async #askAbout(photo) {
    const { signal } = this.#round;
    this.#tellProgress();
    try {
      const answer = await predict(photo.file, this.settings(), signal);
      if (signal.aborted) return;
      [photo.found] = answer.photos;
      photo.classes = answer.classes;
    } catch (error) {
      if (signal.aborted) return;
      photo.problem = nameless(error.message);
    }
    showRows(photo, photo === this.#chosen, (one) => this.#choose(one));
    if (photo === this.#chosen) this.#choose(photo);
  }

  #choose(photo) {
    this.#chosen = photo;
    markChosen(photo);
    showPhoto(photo, this.settings());
    const problem = photo.problem ? [`${printable(photo.name)}: ${photo.problem}`] : [];
    tellProblem(byId("photos-problem"), ...problem);
  }

  #tooLarge(file) {
    const { max_bytes: most } = this.limits();
    if (file.size <= most) return null;
    return `It has ${megabytes(file.size)}, but at most ${megabytes(most)} are read. Make the photo smaller.`;
  }

  #tellProgress() {
    const n = this.#photos.filter((photo) => photo.found || photo.problem).length;
    const all = this.#photos.length;
    byId("photos-status").classList.toggle("heard", all === 1);
    byId("photos-status").textContent = all === 1 ? "Looking for faces …" : `Looking for faces: ${n} of ${all} photos are done.`;
  }

  #tellAll() {
    const photos = this.#photos;
    if (!photos.length) return;
    // One photo is told beside it: then the line is for those who hear the page.
    byId("photos-status").classList.toggle("heard", photos.length < 2);
    if (photos.length < 2) {
      byId("photos-status").textContent = photos[0].problem ? "" : told(photos[0]);
      return;
    }
    const faces = photos.reduce((n, photo) => n + (photo.found?.faces.length ?? 0), 0);
    const failed = photos.filter((photo) => photo.problem).length;
    const more = failed ? `; ${count(failed, "photo")} could not be read` : "";
    byId("photos-status").textContent = `${count(faces, "face")} in ${count(photos.length, "photo")}${more}.`;
  }

  #download() {
    const classes = this.#photos.find((photo) => photo.classes)?.classes ?? [];
    const file = new Blob([csvOf(this.#photos, classes)], { type: "text/csv;charset=utf-8" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "faces.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  #onDrag(event, isOver) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dragging", isOver);
  }
}

const NEW = { found: null, problem: null, classes: null };

/** The server calls what has no name a photo; its name is told before. */
const nameless = (message) => message.replace(/^photo: /, "").replace(/^./, (first) => first.toUpperCase());
