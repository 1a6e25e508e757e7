// The look that all charts share.

import { colours } from "./theme.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

const axis = (colour) => ({
  gridcolor: colour.line,
  linecolor: colour.line,
  zerolinecolor: colour.line,
  tickcolor: colour.line,
  automargin: true,
  fixedrange: true,
  tickfont: { color: colour.quiet, size: 11 },
  title: { font: { color: colour.quiet, size: 11 }, standoff: 8 },
});

/** Layout that all charts share; what is given is laid over it, axes one by one. */
export function layoutOf(given) {
  const colour = colours();
  const base = {
    font: { family: FONT, size: 11, color: colour.text },
    margin: { l: 44, r: 10, t: 8, b: 28 },
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hovermode: "x unified",
    dragmode: "zoom",
    hoverlabel: { bgcolor: colour.panel, bordercolor: colour.line, font: { color: colour.text, size: 11 } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: colour.quiet, size: 11 } },
    showlegend: false,
  };
  const axes = { xaxis: { ...axis(colour), ...given.xaxis }, yaxis: { ...axis(colour), ...given.yaxis } };
  for (const name of ["xaxis", "yaxis"]) axes[name].title = { ...axis(colour).title, ...given[name]?.title };
  return { ...base, ...given, ...axes, margin: { ...base.margin, ...given.margin } };
}
