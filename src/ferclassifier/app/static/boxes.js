// Where boxes lie over a picture, in shares of its sides.

/** Put an element over a box of a photo. */
export function lay(part, box, { width, height, isMirrored = false }) {
  const left = isMirrored ? width - box.right : box.left;
  part.style.left = `${(100 * left) / width}%`;
  part.style.top = `${(100 * box.top) / height}%`;
  part.style.width = `${(100 * (box.right - box.left)) / width}%`;
  part.style.height = `${(100 * (box.bottom - box.top)) / height}%`;
  part.classList.toggle("at-top", box.top < 0.06 * height);
}

/** Put a panel beside a box where there is room, and else into the picture's corner. */
export function layBeside(panel, box, { width, height, isMirrored = false }) {
  const stage = panel.parentElement;
  const scale = stage.clientWidth / width;
  const [left, right] = isMirrored ? [width - box.right, width - box.left] : [box.left, box.right];
  const room = panel.offsetWidth + 6;
  let x = right * scale + 6;
  if (x + room > stage.clientWidth) x = left * scale - room;
  if (x < 0) x = stage.clientWidth - room;
  const lowest = height * scale - panel.offsetHeight - 4;
  panel.style.left = `${Math.max(4, x)}px`;
  panel.style.top = `${Math.max(4, Math.min(box.top * scale, lowest))}px`;
}
