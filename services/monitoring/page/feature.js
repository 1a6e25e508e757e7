// One feature, chosen in the heat map: how it is spread, how far it is from the reference, what is missing.

import { changeView } from "./address.js";
import { find, make } from "./elements.js";
import { number, percent, STATISTICS } from "./format.js";
import { drawDistribution } from "./distribution.js";
import { drawDistance, drawMissing } from "./feature_history.js";
import { fill, showContent } from "./panels.js";

/** Show the panel of the chosen feature, or none. `outcomes.feature` is null when none is chosen. */
export function drawFeature(outcomes, view, bounds) {
  const panel = find("feature");
  find("drift-row").dataset.feature = view.feature ? "chosen" : "";
  panel.hidden = !view.feature;
  if (!view.feature) return;
  find("feature-name").textContent = view.feature;
  fill("feature", outcomes.feature, (distribution) => {
    showContent("feature");
    const told = outcomes.summary.value?.features.find(({ name }) => name === view.feature);
    drawNumbers(told, distribution, outcomes.summary.value?.threshold);
    drawDistribution(distribution, find("plot-distribution").clientWidth);
  });
  const history = outcomes.history.value;
  if (!history || panel.dataset.state !== "ready") return;
  drawDistance(history, view.feature, bounds);
  drawMissing(history, view.feature, bounds);
}

/** Close the panel and give the keyboard back to the feature's name in the heat map. */
export function followClosing() {
  const close = () => {
    const name = find("feature-name").textContent;
    changeView({ feature: "" });
    find("features")
      .querySelector(`[data-key="${CSS.escape(name)}"]`)
      ?.focus();
  };
  find("feature-close").addEventListener("click", close);
  find("feature").addEventListener("keydown", (event) => event.key === "Escape" && close());
}

function drawNumbers(told, distribution, threshold) {
  const drifted = told && howFar(told, threshold);
  const facts = [
    ["Distance", number(told?.distance, 3), drifted ?? ""],
    ["PSI", number(told?.psi, 3), "shift ≥ 0.25"],
    [
      "Missing",
      percent(told?.missing ?? distribution.missing),
      `ref. ${percent(told?.missing_reference ?? distribution.missing_reference)}`,
    ],
    ["Out of range", percent(told?.outside), "of reference"],
    ["New words", percent(told?.unknown), "never seen"],
  ];
  find("feature-facts").replaceChildren(...facts.map(fact));
  find("feature-statistic").textContent = STATISTICS[told?.statistic] ?? "";
}

/** Few values are far from any reference by chance: beyond the threshold is not yet drifted. */
function howFar({ drifted, distance }, threshold) {
  if (drifted) return "◆ drifted";
  if (distance === null) return "too few values";
  return distance < threshold ? `below ${number(threshold, 2)}` : "within noise";
}

/** A term with its value and a note. */
export function fact([name, value, note = ""]) {
  return make(
    "div",
    { class: "fact" },
    make("dt", {}, name),
    make("dd", { class: "value" }, value),
    make("dd", { class: "note" }, note),
  );
}
