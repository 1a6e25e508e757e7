// Fetching: all parts of the page at once, each on its own, and the history no more often than it changes.

import { bounds, query } from "./address.js";
import { outcome } from "./interface.js";
import { covered, prepare } from "./history.js";

const POINTS = 500;
const LONGEST_KEPT = 60000;
let kept = { key: "", at: 0, outcome: null };

/**
 * Fetch what the view needs; the outcome of each part is its value or its error. `drift` is what one looks at
 * first, and is asked for alone: looking at Kafka for the other parts would hold it up. `all` is everything.
 */
export function fetchAll(shown, { withCleared = false, anew = false } = {}) {
  const asked = query(shown);
  const drift = together({ summary: outcome(`/v1/summary?${asked}`), history: fetchHistory(shown, anew) });
  const all = drift.then(async (first) => ({ ...first, ...(await fetchRest(shown, asked, withCleared)) }));
  return { drift, all };
}

function fetchRest(shown, asked, withCleared) {
  const where = shown.feature && `/v1/features/${encodeURIComponent(shown.feature)}?${asked}`;
  return together({
    pipeline: outcome("/v1/pipeline"),
    performance: outcome("/v1/performance"),
    alerts: outcome(`/v1/alerts?all=${withCleared}`),
    reports: outcome("/v1/reports"),
    letters: outcome("/v1/dead-letters"),
    trainings: outcome("/v1/trainings"),
    feature: where ? keyed(outcome(where), where) : null,
  });
}

async function together(asking) {
  const answers = await Promise.all(Object.values(asking));
  return Object.fromEntries(Object.keys(asking).map((name, place) => [name, answers[place]]));
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
  const value = told.value && prepare(told.value);
  const ready = told.error ? told : { value, bounds: covered(limits, value) };
  kept = { key, at: Date.now(), outcome: { ...ready, key } };
  return kept.outcome;
}

async function keyed(asked, key) {
  return { ...(await asked), key };
}
