// The page: its settings, and what leads where.

import { Camera } from "./camera.js";
import { openCard } from "./card.js";
import { byId, element, tellProblem } from "./dom.js";
import { Photos } from "./photos.js";
import { models } from "./server.js";
import { startTabs } from "./tabs.js";
import { megabytes } from "./words.js";

const MILLISECONDS_OF_REST = 350;

let known = { models: [], limits: { max_bytes: Infinity } };

const settings = () => ({ model: byId("model").value, threshold: byId("threshold").value });

const photos = new Photos(settings, () => known.limits);
const camera = new Camera(settings, (photo) => {
  showTab("photos", { focus: true });
  photos.add([photo]);
});
const showTab = startTabs((name) => {
  if (name !== "camera") camera.stop();
});

function tellModel() {
  const model = known.models.find(({ name }) => name === byId("model").value);
  byId("model-summary").textContent = `${model.summary.replace(/\.$/, "")}. It knows ${model.classes.join(", ")}.`;
  for (const id of ["open-card", "open-harm"]) byId(id).disabled = !model.has_card;
}

let resting = null;
byId("settings").addEventListener("submit", (event) => event.preventDefault());
byId("model").addEventListener("change", () => {
  tellModel();
  photos.askAgain();
});
byId("threshold").addEventListener("input", () => {
  byId("threshold-told").textContent = Number(byId("threshold").value).toFixed(2);
  clearTimeout(resting);
  resting = setTimeout(() => photos.askAgain(), MILLISECONDS_OF_REST);
});
byId("open-card").addEventListener("click", () => openCard(byId("model").value));
byId("open-harm").addEventListener("click", () => openCard(byId("model").value, "Ethical considerations"));

try {
  known = await models();
  byId("model").replaceChildren(...known.models.map(({ name }) => element("option", { value: name }, name)));
  byId("limits-told").textContent = `, up to ${megabytes(known.limits.max_bytes).replace(".0", "")} each`;
  tellModel();
} catch (error) {
  tellProblem(byId("photos-problem"), error.message);
}
