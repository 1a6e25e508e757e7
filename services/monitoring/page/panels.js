// A panel shows its content, or says plainly why there is none; each panel fails on its own.

import { find, make } from "./elements.js";
import { DisconnectedError } from "./interface.js";

/** Show the content of a panel. */
export function showContent(id) {
  const panel = find(id);
  panel.dataset.state = "ready";
  panel.removeAttribute("aria-busy");
  notice(panel).replaceChildren();
}

/** Say why there is nothing to show: `kind` is "empty" or "error". */
export function showNotice(id, kind, title, text) {
  const panel = find(id);
  panel.dataset.state = kind;
  panel.removeAttribute("aria-busy");
  const sign = make("span", { class: "sign", "aria-hidden": "true" }, kind === "error" ? "!" : "○");
  notice(panel).replaceChildren(
    make("div", { class: "notice-text" }, sign, make("strong", {}, title), make("p", {}, text)),
  );
}

function notice(panel) {
  return panel.querySelector(":scope > .notice") ?? panel.appendChild(make("div", { class: "notice" }));
}

/** Mark a panel whose content could not be fetched anew: what it shows is old. */
function showStale(id, error) {
  const panel = find(id);
  panel.dataset.stale = "true";
  const badge = panel.querySelector(".stale") ?? make("span", { class: "stale badge" });
  badge.textContent = "not refreshed";
  badge.title = error.message;
  panel.querySelector("h2").after(badge);
}

/**
 * Fill a panel from the outcome of a request. Old content stays when a refresh fails, and is marked;
 * `draw` decides itself between content and an empty notice.
 */
export function fill(id, outcome, draw) {
  const panel = find(id);
  if (outcome.error) {
    const shown = panel.dataset.state === "ready" && panel.dataset.key === outcome.key;
    if (shown) return showStale(id, outcome.error);
    const away = outcome.error instanceof DisconnectedError;
    if (outcome.error.status === 404)
      return showNotice(id, "empty", "Nothing is known", outcome.error.message);
    return showNotice(id, "error", away ? "No connection" : "Could not be fetched", outcome.error.message);
  }
  panel.dataset.key = outcome.key ?? "";
  delete panel.dataset.stale;
  panel.querySelector(".stale")?.remove();
  return draw(outcome.value);
}

/** Tell what an action did, for eyes and screen readers alike. */
let fading = 0;
export function tell(message, kind = "good") {
  const toast = find("told");
  toast.textContent = message;
  toast.dataset.kind = kind;
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(
    () => {
      toast.hidden = true;
    },
    kind === "error" ? 12000 : 5000,
  );
}
