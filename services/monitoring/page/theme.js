// Dark or light: as the system has it, until the operator chooses.

import { find } from "./elements.js";

const NAME = "octroi-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export const theme = () => document.documentElement.dataset.theme;

/** Colours of the stylesheet, for the charts. */
export function colours() {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(`--${name}`).trim();
  return {
    text: colour("text"),
    quiet: colour("quiet"),
    line: colour("line"),
    panel: colour("panel"),
    accent: colour("accent"),
    second: colour("second"),
    good: colour("good"),
    warning: colour("warning"),
    critical: colour("critical"),
    reference: colour("reference"),
    band: colour("band"),
    mark: colour("mark"),
    heat: ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5"].map(colour),
  };
}

/** Follow the system and the switch; `changed` is called after each change. */
export function followTheme(changed) {
  const apply = () => {
    const chosen = localStorage.getItem(NAME) ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = chosen;
    find("theme").textContent = chosen === "dark" ? "Light" : "Dark";
    find("theme").setAttribute("aria-label", `Switch to the ${chosen === "dark" ? "light" : "dark"} theme`);
  };
  apply();
  dark.addEventListener("change", () => {
    apply();
    changed();
  });
  find("theme").addEventListener("click", () => {
    localStorage.setItem(NAME, theme() === "dark" ? "light" : "dark");
    apply();
    changed();
  });
}
