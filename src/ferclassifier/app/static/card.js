// The card of a model, in a dialog.

import { byId, element } from "./dom.js";
import { card } from "./server.js";

const BLOCKS = {
  paragraph: ({ text }) => element("p", {}, text),
  note: ({ text }) => element("p", { class: "note" }, text),
  "key-figures": ({ figures }) =>
    element("ul", { class: "figures" }, ...figures.map(([name, value, told]) =>
      element("li", {}, element("span", { class: "muted" }, name), element("b", {}, value), told))),
  definitions: ({ entries }) =>
    element("dl", {}, ...entries.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)])),
  table: ({ caption, header, rows }) =>
    element("div", { class: "scroll", role: "region", tabIndex: 0, "aria-label": caption },
      element("table", {},
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, ...header.map(heading))),
        element("tbody", {}, ...rows.map(([first, ...rest]) =>
          element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", { class: "number" }, cell))))))),
};

function heading(text) {
  return text ? element("th", { scope: "col" }, text) : element("td");
}

/** Open the card at its beginning, or at a section. */
export async function openCard(model, section = null) {
  const dialog = byId("card");
  const content = byId("card-content");
  byId("card-title").textContent = "Model card";
  content.replaceChildren(element("p", {}, "One moment …"));
  dialog.showModal();
  try {
    show(await card(model), content);
  } catch (error) {
    content.replaceChildren(element("p", { class: "problem" }, error.message));
    return;
  }
  const place = section && content.querySelector(`section[data-title="${section}"]`);
  if (place) {
    place.scrollIntoView();
    place.querySelector("h3").focus({ preventScroll: true });
  } else {
    dialog.scrollTop = 0;
    byId("card-title").focus();
  }
}

function show(told, content) {
  byId("card-title").textContent = told.title;
  content.replaceChildren(
    element("p", {}, told.subtitle),
    ...blocks(told.summary),
    ...told.sections.map(({ title, blocks: its }) => {
      const section = element("section", {}, element("h3", { tabIndex: -1 }, title), ...blocks(its));
      section.dataset.title = title;
      return section;
    }),
    element("p", { class: "muted" }, told.footer),
  );
}

const blocks = (list) => list.map((block) => BLOCKS[block.kind](block));

byId("card-close").addEventListener("click", () => byId("card").close());
