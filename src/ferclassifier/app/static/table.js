// All photos, a row for each face.

import { byId, element } from "./dom.js";
import { percent, printable } from "./words.js";

/** Write the table anew. */
export function showTable(photos, chosen, onChoose) {
  byId("all").hidden = photos.length === 0;
  byId("rows").replaceChildren(...photos.flatMap((photo) => rowsOf(photo, photo === chosen, onChoose)));
}

/** Write the rows of a photo anew, which stand one after another. */
export function showRows(photo, isChosen, onChoose) {
  const before = [...byId("rows").children].filter((row) => Number(row.dataset.photo) === photo.id);
  const hadFocus = before.some((row) => row.contains(document.activeElement));
  const rows = rowsOf(photo, isChosen, onChoose);
  if (before.length) before[0].before(...rows);
  before.forEach((row) => row.remove());
  if (hadFocus) rows[0].querySelector("button").focus();
}

/** Mark the rows of the photo that is shown. */
export function markChosen(photo) {
  for (const row of byId("rows").children) {
    row.classList.toggle("chosen", Number(row.dataset.photo) === photo.id);
  }
}

function rowsOf(photo, isChosen, onChoose) {
  const open = element("button", { type: "button", class: "quiet" }, printable(photo.name));
  open.addEventListener("click", () => onChoose(photo));
  const name = element("th", { scope: "row" }, open);
  const faces = photo.found?.faces ?? [];
  const rows = faces.length ? faces.map(cellsOf) : [[told(photo)]];
  return rows.map((cells, i) => {
    const row = element("tr", { class: isChosen ? "chosen" : "" }, i === 0 ? name : element("td"), ...cells);
    row.dataset.photo = photo.id;
    return row;
  });
}

function cellsOf(face, i) {
  const sure = face.detection === null ? "taken whole" : percent(face.detection);
  const cells = [String(i + 1), face.emotion, percent(face.probability), sure];
  return cells.map((text, k) => element("td", { class: k === 1 ? "" : "number" }, text));
}

function told(photo) {
  const text = photo.problem ?? (photo.found ? "no face" : "waiting …");
  return element("td", { colSpan: 4, class: photo.problem ? "problem-told" : "muted" }, text);
}
