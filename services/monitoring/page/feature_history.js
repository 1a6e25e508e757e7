// How far a feature was from the reference over time, and how often it was missing.

import { number, percent } from "./format.js";
import { extent, latest } from "./history.js";
import { colours } from "./theme.js";
import { drawOverTime, line } from "./time_charts.js";

/** A feature that is never missing is drawn as that, not as noise around nothing. */
const LEAST_TOP = 0.02;

/** Draw the distance against the threshold, whose far side is shaded. */
export function drawDistance(history, name, bounds) {
  const { threshold, champion_changes: changes } = history;
  const distances = history.features[name] ?? [];
  const top = Math.max((extent(distances)[1] ?? 0) * 1.15, threshold * 1.6);
  drawOverTime(
    "plot-distance",
    [line(history, distances, colours().accent, "distance %{y:.3f}<extra></extra>")],
    bounds,
    {
      changes,
      yaxis: { range: [0, top], nticks: 4 },
      ...thresholdBand(threshold, top),
      summary: `Distance of ${name} over time, now ${number(latest(distances), 3)}, threshold ${number(threshold, 2)}.`,
    },
  );
}

function thresholdBand(threshold, top) {
  const { band, warning } = colours();
  const whole = { xref: "paper", x0: 0, x1: 1, y0: threshold };
  const text = `drifted from ${number(threshold, 2)}`;
  return {
    shapes: [
      { ...whole, type: "rect", y1: top, fillcolor: band, line: { width: 0 }, layer: "below" },
      { ...whole, type: "line", y1: threshold, line: { color: warning, width: 1, dash: "dash" } },
    ],
    annotations: [
      {
        xref: "paper",
        x: 0,
        y: threshold,
        xanchor: "left",
        yanchor: "bottom",
        showarrow: false,
        text,
        font: { size: 10, color: warning },
      },
    ],
  };
}

/** Draw the share of rows without the feature. */
export function drawMissing(history, name, bounds) {
  const missing = history.missing[name] ?? [];
  const top = Math.max(LEAST_TOP, (extent(missing)[1] ?? 0) * 1.2);
  drawOverTime(
    "plot-missing",
    [line(history, missing, colours().second, "missing %{y:.1%}<extra></extra>")],
    bounds,
    {
      changes: history.champion_changes,
      yaxis: { tickformat: "~%", nticks: 3, range: [0, top] },
      summary: `Missing share of ${name} over time, now ${percent(latest(missing))}.`,
    },
  );
}
