// The table for a spreadsheet, in the columns of "ferclassifier predict --csv".

import { printable } from "./words.js";

const COLUMNS = ["path", "face", "left", "top", "right", "bottom", "detection", "emotion", "probability"];
// What a spreadsheet takes for the beginning of a formula; in some countries it separates cells by
// semicolons. The last four signs are wide ones.
const SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]";
const FORMULA = new RegExp(`(^|;)(?=${SIGN})`, "g");
const BEGINS_LIKE_ONE = new RegExp(`^${SIGN}`);

/** Write rows of photos that have been answered. */
export function csvOf(photos, classes) {
  const columns = classes.map((name) => (COLUMNS.includes(name) ? `${name}_` : name));
  const lines = [[...COLUMNS, ...columns].map(word)];
  for (const photo of photos) {
    if (!photo.found) continue;
    const path = pathOf(photo.name);
    photo.found.faces.forEach((face, i) => {
      const box = face.box ?? {};
      const shares = classes.map((name) => face.probabilities[name] ?? "");
      const place = [box.left ?? "", box.top ?? "", box.right ?? "", box.bottom ?? ""];
      lines.push([path, i, ...place, face.detection ?? "", word(face.emotion), face.probability, ...shares]);
    });
    if (!photo.found.faces.length) {
      lines.push([path, ...Array(COLUMNS.length - 1 + classes.length).fill("")]);
    }
  }
  return lines.map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}

/** A name that begins like a formula begins with "./" instead, which is the same file. */
function pathOf(name) {
  const path = printable(name);
  return BEGINS_LIKE_ONE.test(path) ? `./${path}` : path;
}

function word(text) {
  return printable(text).replace(FORMULA, "$1'");
}

function quoted(cell) {
  const text = String(cell);
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
