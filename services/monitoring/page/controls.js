// The pickers of the top bar: they change the address, and follow it.

import { bounds, changeView, query, view } from "./address.js";
import { find, make } from "./elements.js";
import { localTime } from "./format.js";
import { segmentOptions } from "./segments.js";

let windows = [];
let segments = [];

/** Take the windows and segments the service knows. */
export function offer(told) {
  ({ windows, segments } = told);
  find("window").replaceChildren(
    ...windows.map((name) => make("option", { value: name }, windowInWords(name))),
  );
  find("segment").replaceChildren(...segmentOptions(segments));
}

function windowInWords(name) {
  return name.startsWith("last-")
    ? `last ${Number(name.slice(5)).toLocaleString("en-GB")} applications`
    : `last ${name}`;
}

/** The view with a window and a segment that exist: what the address leaves out is the first of each. */
export function shownView() {
  const asked = view();
  const one = (asked_, known) => (known.includes(asked_) || !known.length ? asked_ : known[0]);
  return { ...asked, window: one(asked.window, windows), segment: one(asked.segment, segments) };
}

/** Bring the pickers in line with the address. */
export function showControls(shown) {
  const { from, to } = bounds(shown);
  find("range").value = shown.range;
  find("window").value = shown.window;
  find("segment").value = shown.segment;
  find("own-range").hidden = shown.range !== "own";
  find("own-from").value = localTime(from).slice(0, 16);
  find("own-to").value = localTime(to).slice(0, 16);
  find("export").href = `/v1/export.csv?${query(shown, { withTimes: true })}`;
}

export function followControls() {
  find("range").addEventListener("change", ({ target }) => {
    if (target.value !== "own") return changeView({ range: target.value });
    const { from, to } = bounds(shownView());
    return changeView({ range: "own", from: from.toISOString(), to: to.toISOString() });
  });
  find("window").addEventListener("change", ({ target }) => changeView({ window: target.value }));
  find("segment").addEventListener("change", ({ target }) => changeView({ segment: target.value }));
  find("own-range").addEventListener("submit", (event) => {
    event.preventDefault();
    applyOwnRange();
  });
  // The range ends now: the address of the export is written when it is used.
  find("export").addEventListener("click", () => showControls(shownView()));
}

function applyOwnRange() {
  const [from, to] = ["own-from", "own-to"].map((id) => new Date(find(id).value));
  const wrong = !(from < to) ? "The range must begin before it ends." : "";
  find("own-to").setCustomValidity(wrong);
  if (!find("own-range").reportValidity()) return;
  changeView({ range: "own", from: from.toISOString(), to: to.toISOString() });
}
