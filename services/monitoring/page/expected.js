// How well the model is expected to decide, before outcomes are known.

import { find } from "./elements.js";
import { fact } from "./feature.js";
import { number, percent } from "./format.js";
import { latest } from "./history.js";
import { showContent, showNotice } from "./panels.js";
import { colours } from "./theme.js";
import { drawOverTime, line, steady } from "./time_charts.js";

/** Draw what performance is expected, from the calibrated probabilities alone. */
export function drawExpected(summary, history, bounds) {
  const expected = summary?.expected;
  if (!expected) {
    showNotice(
      "expected",
      "empty",
      "No estimate yet",
      "Expected performance needs decisions with a calibrated probability in this window.",
    );
    return;
  }
  showContent("expected");
  find("expected-facts").replaceChildren(
    ...[
      ["Business score", number(expected.business_score, 3), "1 without errors"],
      ["AUC", number(expected.auc, 3), "expected"],
      ["Default rate", percent(expected.default_rate, 2), "of all applicants"],
      ["Defaulters approved", number(expected.false_negatives), `of ${number(summary.decisions.rows)}`],
      ["Good clients refused", number(expected.false_positives), `of ${number(summary.decisions.rows)}`],
    ].map(fact),
  );
  if (!history) return;
  const score = line(
    history,
    history.business_score,
    colours().accent,
    "business score %{y:.3f}<extra></extra>",
  );
  drawOverTime("plot-expected", [score], bounds, {
    changes: history.champion_changes,
    yaxis: { tickformat: ".2f", nticks: 4, ...steady(history.business_score, 0.1) },
    summary: `Expected business score over time, now ${number(latest(history.business_score), 3)}.`,
  });
}
