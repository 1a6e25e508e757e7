// Drift of all features over time. The rows' names are buttons beside the chart: the keyboard and a
// screen reader reach every feature, and the chart needs no text of its own.

import { changeView } from "./address.js";
import { byName, tableOf } from "./drift_table.js";
import { find, make, replaceKeepingFocus } from "./elements.js";
import { drawNames } from "./feature_names.js";
import { duration, moment, number } from "./format.js";
import { latest } from "./history.js";
import { showContent, showNotice } from "./panels.js";
import { colours } from "./theme.js";
import { drawOverTime } from "./time_charts.js";

const ROW = 22;
const HEAD = 16;
const FOOT = 26;
/** The scale ends at so many thresholds; what is beyond looks the same. */
const SCALE_END = 3;

/** Draw the heat map, its names, its legend and its table. */
export function drawHeatMap(history, summary, view, bounds) {
  const names = order(history, summary);
  if (!history.times.length || !names.length) {
    showNotice(
      "drift",
      "empty",
      "No history in this range",
      "Ticks appear here as the service records them. Choose a longer range to look further back.",
    );
    return;
  }
  showContent("drift");
  drawNames(names, history, summary, view.feature);
  drawCells(names, history, bounds);
  drawLegend(history.threshold);
  replaceKeepingFocus(find("drift-table"), tableOf(names, history, summary));
  find("drift-grain").textContent = grainOf(history, bounds);
}

/** How far apart the columns are, and since when there are any where the range began earlier. */
function grainOf({ grain, step, times }, { clipped }) {
  const apart = grain === "hour" ? "hourly" : step ? `every ${duration(step / 1000)}` : "";
  return [apart, clipped && `history begins ${moment(times[0])}`].filter(Boolean).join(" · ");
}

/**
 * The strongest drift on top: by what is now, else by the last that was known. Under the pointer rows
 * stay where they are, so that the feature that opens is the one that was read.
 */
function order(history, summary) {
  const now = byName(summary);
  const distance = (name) => now[name]?.distance ?? latest(history.features[name]) ?? -1;
  const strongest = Object.keys(history.features).sort(
    (one, other) => distance(other) - distance(one) || one.localeCompare(other),
  );
  const rows = find("features");
  const shown = [...rows.children].map((row) => row.dataset.key);
  const same = shown.length === strongest.length && shown.every((name) => name in history.features);
  return same && rows.parentElement.matches(":hover") ? shown : strongest;
}

function drawCells(names, history, bounds) {
  find("plot-drift").style.height = `${HEAD + names.length * ROW + FOOT}px`;
  const rows = { autorange: "reversed", type: "category" };
  drawOverTime("plot-drift", [cells(names, history)], bounds, {
    changes: history.champion_changes,
    yaxis: { ...rows, showticklabels: false, ticks: "", showgrid: false, automargin: false },
    margin: { l: 0, r: 0, t: HEAD, b: FOOT },
    layout: { hovermode: "closest" },
    listen: { plotly_click: ({ points: [point] }) => changeView({ feature: point.y }) },
    summary: `Heat map of the drift distance of ${names.length} features; the names beside it are buttons, the table below has the numbers.`,
    forImage: {
      yaxis: { ...rows, tickfont: { size: 10 }, automargin: true, showgrid: false },
      margin: { l: 190, r: 90, t: 84, b: 40 },
      trace: { showscale: true, colorbar: scaleOf(history.threshold) },
    },
  });
}

function cells(names, history) {
  const [low, middle, edge, over, far, end] = colours().heat;
  const part = 1 / SCALE_END;
  return {
    type: "heatmap",
    x: history.times,
    y: names,
    z: names.map((name) => history.features[name]),
    zmin: 0,
    zmax: history.threshold * SCALE_END,
    ygap: 2,
    showscale: false,
    hoverongaps: false,
    // The jump at the threshold is on purpose: which side a cell lies on must be plain.
    colorscale: [
      [0, low],
      [part / 2, middle],
      [part, edge],
      [part, over],
      [part * 2, far],
      [1, end],
    ],
    hovertemplate: "<b>%{y}</b><br>%{x|%d %b %H:%M}<br>distance %{z:.3f}<extra></extra>",
  };
}

function scaleOf(threshold) {
  const tickvals = [0, threshold, threshold * SCALE_END];
  return {
    thickness: 10,
    outlinewidth: 0,
    tickvals,
    ticktext: ["0", `${number(threshold, 2)} threshold`, number(threshold * SCALE_END, 2)],
  };
}

function drawLegend(threshold) {
  const end = number(threshold * SCALE_END, 2);
  find("drift-legend").replaceChildren(
    make("span", { class: "scale-text" }, "0"),
    make("span", { class: "scale below" }),
    make("span", { class: "scale-text edge" }, `${number(threshold, 2)} threshold`),
    make("span", { class: "scale above" }),
    make("span", { class: "scale-text" }, `${end} and more`),
    make("span", { class: "scale unknown" }),
    make("span", { class: "scale-text" }, "not known"),
  );
}
