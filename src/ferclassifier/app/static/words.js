// Names and numbers as they stand in sentences.

// Control and format characters, lone surrogates, and the separators of lines and paragraphs;
// but not the joiners of letters and emoji.
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Write what does not show itself as an escape: a name cannot turn the writing round. */
export function printable(name) {
  return String(name).replace(HIDDEN, (char) => {
    const code = char.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Round to whole per cent, but let only nothing be "0 %" and only all be "100 %". */
export function percent(share) {
  const rounded = Math.round(100 * share);
  if (rounded === 0 && share > 0) return "<1 %";
  return rounded === 100 && share < 1 ? ">99 %" : `${rounded} %`;
}

export const count = (n, noun, plural = `${noun}s`) => `${n.toLocaleString("en")} ${n === 1 ? noun : plural}`;

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Join with commas and an "and". */
export function inWords(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
