// Charts over time: they share the view's range, the marks of champion changes, and the way to zoom.

import { changeView } from "./address.js";
import { draw } from "./charts.js";
import { find } from "./elements.js";
import { localTime, moment } from "./format.js";
import { extent } from "./history.js";
import { colours } from "./theme.js";

/** A line over the times of the history. */
export function line(history, values, color, hovertemplate) {
  return {
    type: "scatter",
    // A point between two gaps makes no line, and would not be seen.
    mode: isLone(values) ? "lines+markers" : "lines",
    marker: { size: 4 },
    x: history.times,
    y: values,
    line: { color, width: 1.5 },
    hovertemplate,
  };
}

const isLone = (values) => values.filter((value) => value !== null).length < 3;

/** A range for a vertical axis that is never narrower than `least`: noise must not look like a cliff. */
export function steady(values, least, [bottom, top] = [-Infinity, Infinity]) {
  const [low, high] = extent(values);
  if (low === null) return {};
  const room = Math.max((high - low) * 0.1, (least - (high - low)) / 2);
  const begin = Math.max(bottom, Math.min(low - room, top - least));
  return { range: [begin, Math.min(top, Math.max(high + room, begin + least))] };
}

/** A chart over time: the view's range, champion changes as lines, and a choice of range by dragging. */
export function drawOverTime(id, traces, { from, to }, options) {
  const marks = changeMarks(options.changes ?? [], from, to);
  const layout = {
    xaxis: {
      type: "date",
      range: [localTime(from), localTime(to)],
      fixedrange: false,
      // As many as stand beside each other without leaning over.
      nticks: Math.max(2, Math.min(7, Math.floor(find(id).clientWidth / 80))),
      tickangle: 0,
      automargin: false,
      ...timeFormat(from, to),
    },
    yaxis: { nticks: 5, ...options.yaxis },
    shapes: [...(options.shapes ?? []), ...marks.shapes],
    annotations: [...(options.annotations ?? []), ...marks.annotations],
    showlegend: Boolean(options.legend),
    margin: { t: marks.shapes.length || options.legend ? 22 : 8, ...options.margin },
    ...options.layout,
  };
  const listen = { plotly_relayout: chooseRange, ...options.listen };
  draw(id, traces, layout, { ...options, listen });
}

function timeFormat(from, to) {
  const minutes = (to - from) / 60000;
  if (minutes > 2 * 24 * 60) return { tickformat: "%d %b" };
  return { tickformat: minutes < 5 ? "%H:%M:%S" : "%H:%M" };
}

function changeMarks(changes, from, to) {
  const colour = colours().mark;
  const within = changes.filter(({ at }) => new Date(at) >= from && new Date(at) <= to);
  const line = { color: colour, width: 1, dash: "dot" };
  return {
    shapes: within.map(({ at }) => ({
      type: "line",
      x0: localTime(at),
      x1: localTime(at),
      yref: "paper",
      y0: 0,
      y1: 1,
      line,
    })),
    annotations: within.map(({ at, version }) => ({
      x: localTime(at),
      y: 1,
      yref: "paper",
      yanchor: "bottom",
      // At the end of the range there is no room beside the line.
      xanchor: (new Date(at) - from) / (to - from) > 0.95 ? "right" : "center",
      showarrow: false,
      text: `v${version}`,
      font: { size: 10, color: colour },
      hovertext: `Version ${version} became champion at ${moment(at)}`,
    })),
  };
}

/** A part of the time that was dragged over becomes the page's range. */
function chooseRange(change) {
  if (!change["xaxis.range[0]"]) return;
  const end = (place) => new Date(String(change[`xaxis.range[${place}]`]).replace(" ", "T")).toISOString();
  changeView({ range: "own", from: end(0), to: end(1) });
}
