// Two tabs, by mouse, by arrows, and by the address.

import { byId } from "./dom.js";

const NAMES = ["photos", "camera"];

/** Let the tabs work; `onShow` is told which one is shown. */
export function startTabs(onShow) {
  const tabs = NAMES.map((name) => byId(`tab-${name}`));
  const show = (name, { focus = false } = {}) => {
    NAMES.forEach((one, i) => {
      const isShown = one === name;
      tabs[i].setAttribute("aria-selected", String(isShown));
      tabs[i].tabIndex = isShown ? 0 : -1;
      byId(one).hidden = !isShown;
      if (isShown && focus) tabs[i].focus();
    });
    history.replaceState(null, "", name === NAMES[0] ? location.pathname : `#${name}`);
    onShow(name);
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => show(NAMES[i]));
    tab.addEventListener("keydown", ({ key }) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: NAMES.length - 1 }[key];
      if (to !== undefined) show(NAMES.at(to % NAMES.length), { focus: true });
    });
  });
  show(NAMES.includes(location.hash.slice(1)) ? location.hash.slice(1) : NAMES[0]);
  return show;
}
