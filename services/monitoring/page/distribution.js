// How a feature is spread: the reference beside the window, as intervals of a number or as categories.

import { draw } from "./charts.js";
import { percent } from "./format.js";
import { colours } from "./theme.js";

const MOST_INTERVALS = 40;
const MOST_CATEGORIES = 7;
const LONGEST_LABEL = 26;
const INTERVAL = /^\S+ to \S+$/;

/** Draw the shares of the reference and of the window side by side. */
export function drawDistribution(distribution) {
  const { labels } = distribution;
  const numeric = labels.filter((label) => INTERVAL.test(label)).length > labels.length / 2;
  const shares = numeric ? mergeNeighbours(distribution) : mergeRare(distribution);
  const summary = { summary: `Shares of ${distribution.name}: ${inWords(shares)}` };
  const layout = { barmode: "group", showlegend: true, margin: { t: 24 } };
  if (numeric) drawIntervals(shares, layout, summary);
  else drawCategories(shares, layout, summary);
}

function bars({ labels, reference, current }, horizontal) {
  const colour = colours();
  const places = labels.map((_, place) => place);
  const bar = (name, values, color) => ({
    type: "bar",
    name,
    orientation: horizontal ? "h" : "v",
    marker: { color },
    customdata: labels,
    ...(horizontal ? { x: values, y: places } : { x: places, y: values }),
    hovertemplate: `%{customdata}: %{${horizontal ? "x" : "y"}:.1%}<extra>${name}</extra>`,
  });
  return [bar("reference", reference, colour.reference), bar("current window", current, colour.accent)];
}

function drawIntervals(shares, layout, summary) {
  const { labels } = shares;
  const every = Math.ceil(labels.length / 7);
  const tickvals = labels.map((_, place) => place).filter((place) => place % every === 0);
  const ticktext = tickvals.map((place) => labels[place].split(" to ")[0]);
  draw(
    "plot-distribution",
    bars(shares, false),
    {
      ...layout,
      bargap: labels.length > 12 ? 0.1 : 0.3,
      hovermode: "closest",
      xaxis: { tickvals, ticktext, tickangle: "auto", showgrid: false },
      yaxis: { tickformat: ".0%", nticks: 4, rangemode: "tozero" },
    },
    summary,
  );
}

/** Categories have names, which need the width. */
function drawCategories(shares, layout, summary) {
  const ticktext = shares.labels.map((label) =>
    label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label,
  );
  draw(
    "plot-distribution",
    bars(shares, true),
    {
      ...layout,
      bargap: 0.25,
      hovermode: "closest",
      xaxis: { tickformat: ".0%", nticks: 5, rangemode: "tozero" },
      yaxis: {
        tickvals: ticktext.map((_, place) => place),
        ticktext,
        autorange: "reversed",
        showgrid: false,
        ticks: "",
        tickfont: { size: 10, color: colours().text },
      },
    },
    summary,
  );
}

/** Neighbouring intervals together, so that a chart as wide as a hand stays readable. */
function mergeNeighbours({ labels, reference, current }) {
  const size = Math.ceil(labels.length / MOST_INTERVALS);
  const starts = Array.from({ length: Math.ceil(labels.length / size) }, (_, group) => group * size);
  const sums = (values) => starts.map((start) => sum(values.slice(start, start + size)));
  const name = (start) => {
    const last = labels[Math.min(start + size, labels.length) - 1];
    return `${labels[start].split(" to ")[0]} to ${last.split(" to ").at(-1)}`;
  };
  return size === 1
    ? { labels, reference, current }
    : { labels: starts.map(name), reference: sums(reference), current: sums(current) };
}

/** The most frequent categories first, and the rare ones together. */
function mergeRare({ labels, reference, current }) {
  const weight = (place) => Math.max(reference[place], current[place]);
  const order = labels.map((_, place) => place).sort((one, other) => weight(other) - weight(one));
  const rare = order.length > MOST_CATEGORIES + 1 ? order.splice(MOST_CATEGORIES) : [];
  const pick = (values) =>
    [...order, ...(rare.length ? [null] : [])].map((place) =>
      place === null ? sum(rare.map((one) => values[one])) : values[place],
    );
  const names = order.map((place) => labels[place]);
  return {
    labels: rare.length ? [...names, `${rare.length} others`] : names,
    reference: pick(reference),
    current: pick(current),
  };
}

const sum = (values) => values.reduce((one, other) => one + other, 0);

/** The three places that have moved most, for who cannot see the bars. */
function inWords({ labels, reference, current }) {
  const moved = labels.map((label, place) => ({ label, from: reference[place], to: current[place] }));
  moved.sort((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from));
  return moved
    .slice(0, 3)
    .map(({ label, from, to }) => `${label} from ${percent(from)} to ${percent(to)}`)
    .join("; ");
}
