// How a feature is spread: the reference beside the window, as intervals of a number or as categories.

import { binsOf } from "./bins.js";
import { draw } from "./charts.js";
import { percent } from "./format.js";
import { colours } from "./theme.js";

const LONGEST_LABEL = 26;
/** A label of an edge needs so many pixels beside the next. */
const LABEL_WIDTH = 52;

/** Draw the shares of the reference and of the window side by side. */
export function drawDistribution(distribution, width) {
  const bins = binsOf(distribution);
  const summary = { summary: `Shares of ${distribution.name}: ${inWords(bins)}` };
  const layout = { barmode: "group", showlegend: true, hovermode: "closest", margin: { t: 24 } };
  const drawn = bins.edges ? intervalsOf(bins, width) : categoriesOf(bins);
  draw("plot-distribution", bars(bins), { ...layout, ...drawn }, summary);
}

function bars({ edges, labels, reference, current }) {
  const colour = colours();
  const places = labels.map((_, place) => place);
  const bar = (name, values, color) => ({
    type: "bar",
    name,
    orientation: edges ? "v" : "h",
    marker: { color },
    customdata: labels.map((label, place) => [label, percent(values[place])]),
    ...(edges ? { x: places, y: values } : { x: values, y: places }),
    hovertemplate: `%{customdata[0]}: %{customdata[1]}<extra>${name}</extra>`,
  });
  return [bar("reference", reference, colour.reference), bar("current window", current, colour.accent)];
}

/** Edges stand between the bars that they part. */
function intervalsOf({ edges, labels }, width) {
  const every = Math.ceil(edges.length / Math.max(2, Math.floor(width / LABEL_WIDTH)));
  const places = edges.map((_, place) => place).filter((place) => place % every === 0);
  return {
    bargap: labels.length > 12 ? 0.1 : 0.3,
    xaxis: {
      tickvals: places.map((place) => place - 0.5),
      ticktext: places.map((place) => edges[place]),
      range: [-0.5, labels.length - 0.5],
      tickangle: 0,
      ticks: "outside",
      ticklen: 4,
      showgrid: false,
      zeroline: false,
    },
    yaxis: { tickformat: ".0%", nticks: 4, rangemode: "tozero" },
  };
}

/** Categories have names, which need the width. */
function categoriesOf({ labels }) {
  const short = (label) =>
    label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
  return {
    bargap: 0.25,
    xaxis: { tickformat: ".0%", nticks: 5, rangemode: "tozero" },
    yaxis: {
      tickvals: labels.map((_, place) => place),
      ticktext: labels.map(short),
      autorange: "reversed",
      showgrid: false,
      zeroline: false,
      ticks: "",
      tickfont: { size: 10, color: colours().text },
    },
  };
}

/** The three places that have moved most, for who cannot see the bars. */
function inWords({ labels, reference, current }) {
  const moved = labels.map((label, place) => ({ label, from: reference[place], to: current[place] }));
  moved.sort((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from));
  return moved
    .slice(0, 3)
    .map(({ label, from, to }) => `${label} from ${percent(from)} to ${percent(to)}`)
    .join("; ");
}
