// Elements, made without HTML: what a text holds is never markup.

export const byId = (id) => document.getElementById(id);

/** Make an element; properties are set, "class" and what begins with "aria-" are attributes. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class" || key === "role" || key === "scope" || key.startsWith("aria-")) {
      made.setAttribute(key, value);
    } else {
      made[key] = value;
    }
  }
  made.append(...children);
  return made;
}

/** Show a problem in a live region, or none. */
export function tellProblem(region, ...texts) {
  region.replaceChildren(...texts.map((text) => element("p", { class: "problem" }, text)));
}
