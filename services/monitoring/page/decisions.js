// What was decided: approval rate and score over time, the mix of outcomes and of first reasons now.

import { draw } from "./charts.js";
import { find, make } from "./elements.js";
import { inWords, number, percent } from "./format.js";
import { latest } from "./history.js";
import { showContent, showNotice } from "./panels.js";
import { colours } from "./theme.js";
import { drawOverTime, line, steady } from "./time_charts.js";

const MOST_REASONS = 8;
/** Beyond the longest bar, for the number at its end. */
const ROOM = 1.18;

/** Draw the panel; history may be missing while the summary is known, and the other way round. */
export function drawDecisions(summary, history, bounds) {
  if (!summary?.decisions.rows && !history?.times.length) {
    showNotice(
      "decisions",
      "empty",
      "No decisions yet",
      "Once applications are decided in this window, approval rate, scores and reasons appear here.",
    );
    return;
  }
  showContent("decisions");
  if (summary) {
    drawOutcomes(summary.decisions);
    drawReasons(summary.decisions);
  }
  if (history) drawSeries(history, bounds);
}

/** A bar of shares with their names below: each part is `[class, name, sign, share]`. */
export function shareBar(parts, aside = "") {
  const bar = parts.map(([key, , , share]) =>
    make("span", { class: `part ${key}`, style: { flexGrow: String(share) } }),
  );
  const told = parts.map(([key, name, sign, share]) =>
    make(
      "span",
      {},
      make("span", { class: `key ${key}`, "aria-hidden": "true" }, sign),
      `${name} ${percent(share)}`,
    ),
  );
  return [
    make("div", { class: "parts", "aria-hidden": "true" }, bar),
    make("div", { class: "parts-told" }, told, aside ? make("span", { class: "last" }, aside) : null),
  ];
}

function drawOutcomes({ approved, review, refused, score_psi: shift, mean_probability: probability }) {
  const aside = `Score PSI ${number(shift, 3)} · mean probability of default ${percent(probability, 2)}`;
  const parts = [
    ["approved", "Approved", "✓", approved],
    ["review", "Review", "?", review],
    ["refused", "Refused", "✕", refused],
  ];
  find("outcomes").replaceChildren(...shareBar(parts, aside));
}

function drawReasons(decisions) {
  const colour = colours();
  const reasons = Object.entries(decisions.reasons)
    .sort(([, one], [, other]) => other - one)
    .slice(0, MOST_REASONS);
  const names = reasons.map(([code]) => inWords(code));
  const shares = reasons.map(([, share]) => share);
  draw(
    "plot-reasons",
    [
      {
        type: "bar",
        orientation: "h",
        x: shares,
        y: names,
        marker: { color: colour.accent },
        text: shares.map((share) => percent(share)),
        textposition: "outside",
        textfont: { size: 11, color: colour.text },
        cliponaxis: false,
        hovertemplate: "%{y}: %{x:.1%}<extra></extra>",
      },
    ],
    {
      hovermode: "closest",
      bargap: 0.35,
      margin: { l: 130, r: 16 },
      xaxis: { tickformat: ".0%", nticks: 4, range: [0, Math.max(0.01, ...shares) * ROOM] },
      yaxis: { autorange: "reversed", showgrid: false, ticks: "" },
    },
    {
      summary: `First reasons: ${reasons.map(([code, share]) => `${inWords(code)} ${percent(share)}`).join(", ") || "none"}.`,
    },
  );
}

function drawSeries(history, bounds) {
  const { accent, second } = colours();
  const changes = history.champion_changes;
  const approved = line(history, history.approved, accent, "approved %{y:.1%}<extra></extra>");
  drawOverTime("plot-approved", [approved], bounds, {
    changes,
    yaxis: { tickformat: ".0%", ...steady(history.approved, 0.1, [0, 1]) },
    summary: `Approval rate over time, now ${percent(latest(history.approved))}.`,
  });
  const score = line(history, history.mean_score, second, "mean score %{y:.0f}<extra></extra>");
  drawOverTime("plot-score", [score], bounds, {
    changes,
    yaxis: { tickformat: "d", ...steady(history.mean_score, 20) },
    summary: `Mean score over time, now ${number(latest(history.mean_score))}.`,
  });
}
