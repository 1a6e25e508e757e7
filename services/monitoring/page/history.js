// History as the charts take it: local times, and gaps where nothing was recorded.

import { localTime } from "./format.js";

const GAP = 3;
/** No narrower, or the first ticks would look like a long history. */
const LEAST_SHOWN = 5 * 60000;

/**
 * Put an unknown point at both ends of each stretch without ticks: a line or a cell drawn across it
 * would claim what nobody measured.
 */
export function prepare(history) {
  const at = history.times.map((time) => Date.parse(time));
  const step = usualStep(at);
  const places = placesOf(at, step);
  const spread = (values) => places.map(({ from }) => (from === null ? null : values[from]));
  const spreadAll = (byName) =>
    Object.fromEntries(Object.entries(byName ?? {}).map(([name, values]) => [name, spread(values)]));
  const series = ["drifted", "approved", "mean_score", "business_score", "rows"];
  return {
    ...history,
    step,
    times: places.map(({ time }) => localTime(time)),
    features: spreadAll(history.features),
    missing: spreadAll(history.missing),
    ...Object.fromEntries(series.map((name) => [name, spread(history[name] ?? [])])),
  };
}

function usualStep(at) {
  const steps = at
    .slice(1)
    .map((time, place) => time - at[place])
    .sort((one, other) => one - other);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

function placesOf(at, step) {
  const places = [];
  at.forEach((time, place) => {
    const before = at[place - 1];
    if (place && step && time - before > GAP * step) {
      places.push({ time: before + step, from: null }, { time: time - step, from: null });
    }
    places.push({ time, from: place });
  });
  return places;
}

/**
 * The part of a range that history covers, as dates: a young engine's few minutes would be a sliver of
 * an hour. `clipped` says whether the history starts within the range.
 */
export function covered({ from, to }, { times: [first], step }) {
  const start = first ? Date.parse(first) - step / 2 : 0;
  const clipped = start - from > 2 * step;
  const begin = clipped ? Math.max(from.getTime(), Math.min(start, to - LEAST_SHOWN)) : from.getTime();
  return { from: new Date(begin), to, clipped };
}

/** The last value that is known, or null. */
export const latest = (values) =>
  (values ?? []).findLast((value) => value !== null && value !== undefined) ?? null;

/** Least and greatest known value. */
export function extent(values) {
  const known = (values ?? []).filter((value) => value !== null && value !== undefined);
  return known.length ? [Math.min(...known), Math.max(...known)] : [null, null];
}
