// Where the model looked: the face as it sees it, with what speaks for the class laid over.

import { element } from "./dom.js";

/** Draw an explanation of the endpoint. */
export function lookedAt({ width, height, channels, pixels, map, emotion }) {
  const canvas = element("canvas", {
    width,
    height,
    role: "img",
    "aria-label": `The face as the model sees it. Green is what speaks for ${emotion}: ${places(map, width, height)}.`,
  });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const share = 0.65 * map[i];
    for (let c = 0; c < 3; c += 1) {
      const level = pixels[channels === 1 ? i : 3 * i + c];
      image.data[4 * i + c] = level * (1 - share) + [64, 224, 144][c] * share;
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  const told = `Green is what speaks for ${emotion}: hide it, and the model is less sure. It says what was looked at, not whether that is right.`;
  return element("figure", { class: "looked" }, canvas, element("figcaption", {}, told));
}

/** Say in words which ninths of the face hold the most. */
function places(map, width, height) {
  const names = ["upper left", "upper middle", "upper right", "left", "middle", "right", "lower left", "lower middle", "lower right"];
  const sums = Array(9).fill(0);
  map.forEach((value, i) => {
    const column = Math.floor((3 * (i % width)) / width);
    const row = Math.floor((3 * Math.floor(i / width)) / height);
    sums[3 * row + column] += value;
  });
  const order = [...sums.keys()].sort((a, b) => sums[b] - sums[a]);
  return `most in the ${names[order[0]]}, then in the ${names[order[1]]}`;
}
