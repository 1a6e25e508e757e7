// All charts are drawn through here: those in sight at once, the others one by one when the browser has
// nothing else to do. The first look does not wait for them, and a print of the page has them all.

import { layoutOf } from "./chart_layout.js";
import { find } from "./elements.js";

const SETTINGS = {
  displayModeBar: false,
  responsive: false,
  doubleClick: false,
  scrollZoom: false,
  showTips: false,
};
/** So far below the window, charts are drawn ahead of who scrolls. */
const AHEAD = "400px";
/** A browser that is never idle draws the next one after so many milliseconds all the same. */
const LONGEST_WAIT = 1000;

/** The library is large: what is to be drawn is fetched while it comes. */
export const libraryReady = new Promise((ready) => {
  if (window.Plotly) ready();
  else find("chart-library").addEventListener("load", ready);
});

const charts = new Map();
const waiting = new Set();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries)
    if (charts.get(target.id)?.drawn && target.offsetParent) window.Plotly.Plots.resize(target);
});
const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      charts.get(target.id).inSight = isIntersecting;
      if (isIntersecting) paint(target.id);
    }
  },
  { rootMargin: AHEAD },
);
window.addEventListener("beforeprint", () => {
  document.documentElement.style.setProperty("--window", `${window.innerWidth}px`);
  waiting.forEach(paint);
});

/**
 * Draw a chart into the element `id`; nothing is done when it is drawn already as it should be.
 * `summary` says in words what the chart shows, `forImage` is what only its image has, and `listen`
 * holds what is called when the chart is used.
 */
export function draw(id, traces, layout, { summary = "", forImage = {}, listen = {} } = {}) {
  const element = find(id);
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", summary);
  if (!charts.has(id)) {
    charts.set(id, { drawn: "", inSight: false });
    sight.observe(element);
  }
  Object.assign(charts.get(id), { traces, layout, forImage, listen });
  if (charts.get(id).inSight) paint(id);
  else paintWhenIdle(id);
}

function paintWhenIdle(id) {
  waiting.add(id);
  if (waiting.size === 1) whenIdle(paintNext);
}

function paintNext() {
  const [id] = waiting;
  if (id) paint(id);
  if (waiting.size) whenIdle(paintNext);
}

/** Not every browser tells when it is idle. */
const whenIdle = (work) =>
  window.requestIdleCallback
    ? window.requestIdleCallback(work, { timeout: LONGEST_WAIT })
    : setTimeout(work, LONGEST_WAIT / 10);

function paint(id) {
  waiting.delete(id);
  const chart = charts.get(id);
  const element = find(id);
  // What is hidden has no size to be drawn in. It is painted when it comes into sight, or is drawn anew.
  if (!element.offsetParent) return;
  const layout = layoutOf(chart.layout);
  const wanted = JSON.stringify([chart.traces, layout]);
  if (chart.drawn === wanted) return;
  const first = !chart.drawn;
  chart.drawn = wanted;
  window.Plotly.react(element, chart.traces, layout, SETTINGS);
  if (!first) return;
  for (const name of Object.keys(chart.listen)) element.on(name, (event) => chart.listen[name](event));
  sizes.observe(element);
}

/** A chart's data and layout as drawn, and what only its image has; null when it is not drawn. */
export function chartOf(id) {
  const { data, layout } = find(id);
  return charts.get(id)?.drawn ? { data, layout, forImage: charts.get(id).forImage } : null;
}
