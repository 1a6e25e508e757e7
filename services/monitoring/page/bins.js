// A feature's shares as they are drawn: intervals of a number by their edges, categories by their names.

import { brief, briefly } from "./format.js";

const MOST_INTERVALS = 40;
const MOST_CATEGORIES = 7;
const INTERVAL = /^(\S+) to (\S+)$/;

/** Shares by intervals where every label is one, else by categories. Intervals have edges, one more. */
export function binsOf(distribution) {
  const ends = distribution.labels.map((label) => INTERVAL.exec(label)?.slice(1).map(Number));
  const isNumber = ends.length > 0 && ends.every((pair) => pair?.every(Number.isFinite));
  return isNumber ? intervals(distribution, ends) : categories(distribution);
}

/** Neighbours together, so that a chart as wide as a hand stays readable. */
function intervals({ reference, current }, ends) {
  const size = Math.ceil(ends.length / MOST_INTERVALS);
  const starts = Array.from({ length: Math.ceil(ends.length / size) }, (_, group) => group * size);
  const sums = (values) => starts.map((start) => sum(values.slice(start, start + size)));
  const edges = [...starts.map((start) => ends[start][0]), ends.at(-1)[1]];
  const told = briefly(edges);
  const labels = starts.map((_, place) => interval(edges, told, place));
  return { edges: told, labels, reference: sums(reference), current: sums(current) };
}

/** An interval without width is a value that many rows have. */
const interval = (edges, told, place) =>
  edges[place] === edges[place + 1] ? told[place] : `${told[place]} to ${told[place + 1]}`;

/** The most frequent first, and the rare ones together; numbers in their order, as they are few. */
function categories({ labels, reference, current }) {
  const weight = (place) => Math.max(reference[place], current[place]);
  const order = labels.map((_, place) => place);
  if (labels.every((label) => Number.isFinite(Number(label))))
    return { labels: labels.map((label) => brief(Number(label))), reference, current };
  order.sort((one, other) => weight(other) - weight(one));
  const rare = order.length > MOST_CATEGORIES + 1 ? order.splice(MOST_CATEGORIES) : [];
  const others = (values) => (rare.length ? [sum(rare.map((place) => values[place]))] : []);
  const pick = (values) => [...order.map((place) => values[place]), ...others(values)];
  const names = order.map((place) => labels[place]);
  return {
    labels: rare.length ? [...names, `${rare.length} others`] : names,
    reference: pick(reference),
    current: pick(current),
  };
}

const sum = (values) => values.reduce((one, other) => one + other, 0);
