// One photo: the picture, the boxes over it, and what each face shows beside it.

import { Bars } from "./bars.js";
import { lay } from "./boxes.js";
import { byId, element } from "./dom.js";
import { lookedAt } from "./looked.js";
import { saliency } from "./server.js";
import { count, percent, printable } from "./words.js";

// Larger pictures are shown smaller.
const LONGEST = 1600;

let shown = null;
let drawn = null;

/** Show a photo that has been answered, or that has not. */
export async function showPhoto(photo, options) {
  shown = photo;
  byId("viewer").hidden = false;
  byId("viewer-name").textContent = printable(photo.name);
  showFaces(photo, options);
  if (drawn === photo) return;
  drawn = null;
  const canvas = byId("picture");
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(photo.file);
  } catch {
    // A format that browsers do not know, such as TIFF.
  }
  if (shown !== photo) return;
  byId("stage").hidden = bitmap === null && photo.problem !== null;
  byId("no-picture").hidden = bitmap !== null;
  canvas.hidden = byId("boxes").hidden = bitmap === null;
  if (bitmap === null) return;
  drawn = photo;
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

/** Show no photo. */
export function showNothing() {
  shown = drawn = null;
  byId("viewer").hidden = true;
}

/** Say in a sentence what was found. */
export function told(photo) {
  if (photo.problem) return photo.problem;
  if (!photo.found) return "Looking for faces …";
  const { faces, left_out: leftOut } = photo.found;
  if (!faces.length) return "No face was found.";
  const more = leftOut ? ` ${count(leftOut, "smaller face is", "smaller faces are")} left out.` : "";
  return `${count(faces.length, "face")}: ${faces.map((face) => face.emotion).join(", ")}.${more}`;
}

function showFaces(photo, options) {
  const faces = photo.found?.faces ?? [];
  byId("viewer-told").textContent = told(photo);
  byId("picture").setAttribute("aria-label", `The photo ${printable(photo.name)}. ${told(photo)}`);
  const cards = faces.map((face, i) => cardOf(photo, face, i, options));
  const boxes = faces.map((face, i) => face.box && boxOf(photo, face, i, cards));
  byId("faces").replaceChildren(...cards);
  byId("boxes").replaceChildren(...boxes.filter(Boolean));
}

function cardOf(photo, face, i, options) {
  const bars = new Bars();
  bars.show(face.probabilities);
  const looked = element("div");
  const button = element("button", { type: "button", class: "quiet" }, "Show where the model looked");
  button.addEventListener("click", () => explain(photo, i, options, button, looked));
  const sure = face.detection === null ? "The whole picture was taken for a face." : `Sure that it is a face: ${percent(face.detection)}.`;
  return element("li", { class: "face" },
    element("h3", {}, `${i + 1} · ${face.emotion} ${percent(face.probability)}`),
    element("p", { class: "muted" }, sure),
    bars.list,
    button,
    looked);
}

function boxOf(photo, face, i, cards) {
  const { width, height } = photo.found;
  const box = element("button", {
    type: "button",
    class: "box",
    "aria-pressed": "false",
    "aria-label": `Face ${i + 1}: ${face.emotion} ${percent(face.probability)}`,
  }, element("span", { class: "tag", "aria-hidden": "true" }, String(i + 1), element("span", { class: "word" }, ` ${face.emotion}`)));
  lay(box, face.box, { width, height });
  box.addEventListener("click", () => {
    for (const other of byId("boxes").children) other.setAttribute("aria-pressed", String(other === box));
    cards.forEach((card, k) => card.classList.toggle("chosen", k === i));
    cards[i].scrollIntoView({ block: "nearest" });
  });
  return box;
}

async function explain(photo, face, options, button, looked) {
  button.disabled = true;
  button.textContent = "Looking …";
  try {
    const found = lookedAt(await saliency(photo.file, { ...options, face }));
    looked.replaceChildren(found);
    button.remove();
    found.tabIndex = -1;
    found.focus();
  } catch (error) {
    looked.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message));
    button.disabled = false;
    button.textContent = "Show where the model looked";
  }
}
