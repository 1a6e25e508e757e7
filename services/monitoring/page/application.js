// The page's beginning: wires the parts, and fetches and draws when it is time.

import { forgetKey, askForKey, holdsKey, showKeyState } from "./access.js";
import { refreshAfterChange } from "./actions.js";
import { onAddressChange } from "./address.js";
import { addImageButtons } from "./chart_images.js";
import { libraryReady } from "./charts.js";
import { followControls, offer, shownView } from "./controls.js";
import { drawDrift, drawRest } from "./drawing.js";
import { find } from "./elements.js";
import { followClosing } from "./feature.js";
import { followArrows } from "./feature_names.js";
import { outcome } from "./interface.js";
import { fetchAll } from "./loading.js";
import { followRefresh } from "./refresh.js";
import { followReports } from "./reports.js";
import { followTheme } from "./theme.js";

let last = null;
let running = false;
let again = null;
let offered = "";

/** Fetch and draw. What is asked for meanwhile is done once, afterwards. */
async function load(options = {}) {
  if (running) {
    again = { ...again, ...options };
    return;
  }
  running = true;
  document.body.dataset.loading = "true";
  try {
    await offerKnown();
    const shown = shownView();
    const asked = fetchAll(shown, { withCleared: find("alerts-all").checked, ...options });
    const drift = await asked.drift;
    await libraryReady;
    drawDrift(shown, keepOld(drift, shown));
    last = { shown, outcomes: keepOld(await asked.all, shown) };
    drawRest(last.shown, last.outcomes);
  } finally {
    running = false;
    delete document.body.dataset.loading;
  }
  if (again) {
    const options_ = again;
    again = null;
    load(options_);
  }
}

/** Segments come up as applications of their channel do. */
async function offerKnown() {
  const told = await outcome("/v1/windows");
  const now = JSON.stringify(told.value ?? null);
  if (!told.value || now === offered) return;
  offer(told.value);
  offered = now;
}

/** While a part cannot be fetched for the same view, what was known of it stays in sight. */
function keepOld(outcomes, shown) {
  const same = last && JSON.stringify(last.shown) === JSON.stringify(shown);
  for (const [name, told] of Object.entries(outcomes)) {
    const before = same ? last.outcomes[name] : null;
    if (told?.error && before && told.error.status !== 404)
      outcomes[name] = { ...told, old: before.value ?? before.old };
  }
  return outcomes;
}

function redraw() {
  if (!last) return;
  drawDrift(last.shown, last.outcomes);
  drawRest(last.shown, last.outcomes);
}

function begin() {
  followTheme(redraw);
  addImageButtons();
  followControls();
  followArrows();
  followClosing();
  followReports();
  showKeyState();
  for (const button of document.querySelectorAll("[data-cancel]")) {
    button.addEventListener("click", () => button.closest("dialog").close(""));
  }
  refreshAfterChange(() => load({ anew: true }));
  find("key").addEventListener("click", () => (holdsKey() ? forgetKey() : askForKey()));
  find("alerts-all").addEventListener("change", () => load());
  find("reload").addEventListener("click", () => load({ anew: true }));
  onAddressChange(() => load());
  load().finally(() => followRefresh(load));
}

begin();
