// How well the model decided, as far as outcomes are known.

import { draw } from "./charts.js";
import { find } from "./elements.js";
import { fact } from "./feature.js";
import { number, percent } from "./format.js";
import { showContent, showNotice } from "./panels.js";
import { colours } from "./theme.js";

/** Draw what has come true of the champion's decisions, or say that nothing has been heard yet. */
export function drawRealised(told) {
  if (!told.outcomes) {
    showNotice(
      "realised",
      "empty",
      told.model_version
        ? `No outcomes of version ${told.model_version}'s decisions are known yet`
        : "No outcomes are known yet",
      "Whether loans were repaid is heard weeks after the decision. What is heard of another version's decisions tells nothing of this one. Until then, expected performance is all there is to go by.",
    );
    return;
  }
  showContent("realised");
  const delay = told.median_delay_days;
  find("realised-told").textContent =
    `From ${number(told.outcomes)} outcomes of decisions by version ${told.model_version}; half of them came later than ${number(delay, 1)} days after the decision. Later defaults are not in it yet.`;
  find("realised-facts").replaceChildren(
    ...[
      ["Outcomes", number(told.outcomes), `median delay ${number(delay, 1)} days`],
      ["AUC", number(told.auc, 3), "realised"],
      ["Business score", number(told.business_score, 3), "1 without errors"],
      ["Default rate", percent(told.default_rate, 2), "of decided with outcome"],
    ].map(fact),
  );
  drawCalibration(told.calibration ?? []);
  drawBands(told.bands ?? []);
}

function drawCalibration(groups) {
  const colour = colours();
  const end = Math.max(0.01, ...groups.flatMap(({ expected, observed }) => [expected, observed])) * 1.08;
  const ideal = {
    type: "scatter",
    mode: "lines",
    name: "as expected",
    x: [0, end],
    y: [0, end],
    line: { color: colour.reference, width: 1, dash: "dash" },
    hoverinfo: "skip",
  };
  const observed = {
    type: "scatter",
    mode: "lines+markers",
    name: "observed",
    x: groups.map((group) => group.expected),
    y: groups.map((group) => group.observed),
    customdata: groups.map(({ rows }) => rows),
    line: { color: colour.accent, width: 1.5 },
    marker: { size: 7 },
    hovertemplate: "expected %{x:.1%}, observed %{y:.1%}<br>%{customdata} outcomes<extra></extra>",
  };
  draw(
    "plot-calibration",
    [ideal, observed],
    {
      hovermode: "closest",
      showlegend: true,
      margin: { t: 24, b: 40 },
      xaxis: { title: { text: "expected default rate" }, tickformat: ".0%", range: [0, end], nticks: 6 },
      yaxis: { title: { text: "observed" }, tickformat: ".0%", range: [0, end], nticks: 6 },
    },
    {
      summary: `Calibration: ${groups.map((group) => `expected ${percent(group.expected)}, observed ${percent(group.observed)}`).join("; ")}.`,
    },
  );
}

function drawBands(bands) {
  const colour = colours();
  const x = bands.map(({ from, to }) => `${from}–${to}`);
  const bar = (name, key, color) => ({
    type: "bar",
    name,
    x,
    y: bands.map((band) => band[key]),
    marker: { color },
    customdata: bands.map(({ rows }) => rows),
    hovertemplate: `%{y:.1%} of %{customdata}<extra>${name}</extra>`,
  });
  draw(
    "plot-bands",
    [bar("expected", "expected", colour.reference), bar("observed", "observed", colour.accent)],
    {
      barmode: "group",
      bargap: 0.3,
      showlegend: true,
      margin: { t: 24, b: 40 },
      xaxis: { title: { text: "score" }, type: "category", showgrid: false, tickangle: "auto" },
      yaxis: { tickformat: ".0%", nticks: 5, rangemode: "tozero" },
    },
    {
      summary: `Default rate by score band: ${bands.map((band) => `${band.from} to ${band.to} observed ${percent(band.observed)}`).join("; ")}.`,
    },
  );
}
