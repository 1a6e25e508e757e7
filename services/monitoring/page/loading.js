// Fetching: all parts of the page at once, each on its own, and the history no more often than it changes.

import { bounds, query } from "./address.js";
import { outcome } from "./interface.js";
import { prepare } from "./history.js";

const POINTS = 500;
const LONGEST_KEPT = 60000;
let kept = { key: "", at: 0, outcome: null };

/** Fetch what the view needs; the outcome of each part is its value or its error. */
export async function fetchAll(shown, { withCleared = false, anew = false } = {}) {
  const asked = query(shown);
  const where = shown.feature && `/v1/features/${encodeURIComponent(shown.feature)}?${asked}`;
  const [summary, pipeline, performance, alerts, reports, letters, feature, history] = await Promise.all([
    outcome(`/v1/summary?${asked}`),
    outcome("/v1/pipeline"),
    outcome("/v1/performance"),
    outcome(`/v1/alerts?all=${withCleared}`),
    outcome("/v1/reports"),
    outcome("/v1/dead-letters"),
    where ? outcome(where) : null,
    fetchHistory(shown, anew),
  ]);
  if (feature) feature.key = where;
  return { summary, pipeline, performance, alerts, reports, letters, feature, history };
}

/** A point of the chart stands for a part of the range: sooner than that there is nothing new to see. */
async function fetchHistory(shown, anew) {
  const { window, segment, range, from, to } = shown;
  const key = JSON.stringify({ window, segment, range, from, to });
  const limits = bounds(shown);
  const worth = Math.min(LONGEST_KEPT, (limits.to - limits.from) / POINTS);
  const same = kept.key === key && kept.outcome?.value;
  if (same && !anew && Date.now() - kept.at < worth) return kept.outcome;
  const told = await outcome(`/v1/history?${query(shown, { withTimes: true })}`);
  const ready = told.error ? told : { value: prepare(told.value), bounds: limits };
  kept = { key, at: Date.now(), outcome: { ...ready, key } };
  return kept.outcome;
}
