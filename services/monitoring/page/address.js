// What the page shows is in its address: a link shows the same view, and the browser's back button works.

export const RANGES = { "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800 };
const DEFAULTS = { range: "1h", from: "", to: "", window: "", segment: "", feature: "" };

const listeners = new Set();
export const onAddressChange = (listener) => listeners.add(listener);
const tell = () => listeners.forEach((listener) => listener(view()));
window.addEventListener("popstate", tell);

/** The view the address asks for; what it leaves out is the default. */
export function view() {
  const asked = new URLSearchParams(window.location.search);
  const found = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) found[name] = asked.get(name) ?? DEFAULTS[name];
  const own = found.range === "own" && isTime(found.from) && isTime(found.to) && found.from < found.to;
  if (!own && !(found.range in RANGES)) found.range = DEFAULTS.range;
  return found;
}

const isTime = (text) => !Number.isNaN(Date.parse(text));

/** Change a part of the view. The same view again is no new step in the browser's history. */
export function changeView(change) {
  const next = { ...view(), ...change };
  if (next.range !== "own") Object.assign(next, { from: "", to: "" });
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(next))
    if (value && value !== DEFAULTS[name]) asked.set(name, value);
  const address = asked.size ? `?${asked}` : window.location.pathname;
  if (address === (window.location.search || window.location.pathname)) return;
  window.history.pushState(null, "", address + window.location.hash);
  tell();
}

/** From and to of the view, as dates: a range such as "24h" ends now. */
export function bounds(shown) {
  if (shown.range === "own") return { from: new Date(shown.from), to: new Date(shown.to) };
  const to = new Date();
  return { from: new Date(to.getTime() - RANGES[shown.range] * 1000), to };
}

/** The view as the interface's query. */
export function query(shown, { withTimes = false } = {}) {
  const asked = new URLSearchParams({ window: shown.window, segment: shown.segment });
  if (withTimes) {
    const { from, to } = bounds(shown);
    asked.set("from", from.toISOString());
    asked.set("to", to.toISOString());
  }
  return asked.toString();
}
