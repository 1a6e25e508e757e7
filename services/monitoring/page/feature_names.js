// The names of the heat map's rows: buttons, so that keyboard and screen reader reach every feature.

import { changeView } from "./address.js";
import { byName } from "./drift_table.js";
import { find, make, replaceKeepingFocus } from "./elements.js";
import { number } from "./format.js";
import { latest } from "./history.js";

/** Draw the names, the chosen one pressed. */
export function drawNames(names, history, summary, chosen) {
  const now = byName(summary);
  const buttons = names.map((name) => {
    const told = now[name];
    const distance = told ? told.distance : latest(history.features[name]);
    const drifted = told ? told.drifted : distance !== null && distance >= history.threshold;
    const label = `${name}, distance ${distance === null ? "unknown" : number(distance, 3)}${drifted ? ", drifted" : ""}`;
    const attributes = {
      type: "button",
      class: "feature",
      "data-key": name,
      "data-drifted": drifted ? "true" : null,
      title: name,
      "aria-pressed": String(name === chosen),
      "aria-label": label,
      onclick: () => choose(name, chosen),
    };
    return make(
      "button",
      attributes,
      make("span", { class: "sign" }, drifted ? "◆" : ""),
      make("span", { class: "name" }, name),
      make("span", { class: "distance" }, number(distance, 3)),
    );
  });
  // A button that is replaced between press and release is not clicked.
  if (!find("features").matches(":active")) replaceKeepingFocus(find("features"), buttons);
}

const choose = (name, chosen) => changeView({ feature: name === chosen ? "" : name });

/** Up and down lead from name to name, as in a list. */
export function followArrows() {
  find("features").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step === 1 ? "nextElementSibling" : "previousElementSibling";
    if (!step) return;
    event.preventDefault();
    event.target.closest("button")?.[next]?.focus();
  });
}
