// A bar for each class, which can change without being made anew.

import { element } from "./dom.js";
import { percent } from "./words.js";

export class Bars {
  constructor() {
    this.list = element("dl", { class: "bars" });
    this.rows = new Map();
  }

  show(probabilities) {
    const names = Object.keys(probabilities);
    if (names.join() !== [...this.rows.keys()].join()) this.#make(names);
    const most = Math.max(...Object.values(probabilities));
    for (const [name, share] of Object.entries(probabilities)) {
      const { term, track, bar, told } = this.rows.get(name);
      bar.style.width = `${100 * share}%`;
      told.textContent = percent(share);
      for (const part of [term, track, told]) part.classList.toggle("most", share === most);
    }
  }

  #make(names) {
    this.rows.clear();
    this.list.replaceChildren();
    for (const name of names) {
      const bar = element("i");
      const row = {
        bar,
        term: element("dt", {}, name),
        track: element("dd", { class: "track", "aria-hidden": "true" }, bar),
        told: element("dd", { class: "share" }),
      };
      this.rows.set(name, row);
      this.list.append(row.term, row.track, row.told);
    }
  }
}
