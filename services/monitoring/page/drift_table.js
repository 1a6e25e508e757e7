// Drift in numbers: the table that stands for the heat map, and how many features are drifted.

import { table } from "./elements.js";
import { moment, number, percent } from "./format.js";
import { extent, latest } from "./history.js";
import { colours } from "./theme.js";
import { drawOverTime } from "./time_charts.js";

export const byName = (summary) =>
  Object.fromEntries((summary?.features ?? []).map((feature) => [feature.name, feature]));

/** The features of the heat map as a table, in the same order. */
export function tableOf(names, history, summary) {
  const now = byName(summary);
  const rows = names.map((name) => {
    const told = now[name] ?? {};
    const values = history.features[name];
    const [least, greatest] = extent(values);
    const first = values.findIndex((value) => value !== null && value >= history.threshold);
    return [
      name,
      number(told.distance ?? latest(values), 3),
      told.drifted ? "◆ drifted" : "no",
      number(told.psi, 3),
      `${number(least, 3)} to ${number(greatest, 3)}`,
      first < 0 ? "–" : moment(history.times[first]),
      percent(told.missing),
      percent(told.missing_reference),
      percent(told.unknown),
      percent(told.outside),
    ];
  });
  const heads = [
    "Feature",
    "Distance now",
    "Drifted",
    "PSI",
    "In this range",
    "First over threshold",
    "Missing",
    "Missing in reference",
    "Unknown words",
    "Outside of reference",
  ];
  return table("Drift of all features", heads, rows, "numbers");
}

/** How many features were drifted over time. */
export function drawDriftCount(history, bounds) {
  const colour = colours();
  const trace = {
    type: "scatter",
    mode: "lines",
    x: history.times,
    y: history.drifted,
    // Without a filled ground, which would be drawn across stretches that nobody measured.
    line: { color: colour.warning, width: 2, shape: "hv" },
    hovertemplate: "%{y} drifted<extra></extra>",
  };
  drawOverTime("plot-count", [trace], bounds, {
    changes: history.champion_changes,
    margin: { l: 0, r: 0 },
    yaxis: {
      range: [0, Math.max(2, (extent(history.drifted)[1] ?? 0) * 1.25)],
      tickformat: "d",
      nticks: 4,
      ticklabelposition: "inside top",
      automargin: false,
    },
    summary: `Drifted features over time, now ${latest(history.drifted) ?? "unknown"}.`,
  });
}
