// Every chart can be kept as an image, which says itself what it shows.

import { chartOf } from "./charts.js";
import { shownView } from "./controls.js";
import { find, make } from "./elements.js";
import { localTime } from "./format.js";
import { tell } from "./panels.js";
import { segmentInWords } from "./segments.js";
import { colours } from "./theme.js";

/** Give every chart's caption a button that saves it as an image. */
export function addImageButtons() {
  for (const figure of document.querySelectorAll("figure.chart")) {
    const caption = figure.querySelector("figcaption");
    const title = caption.querySelector(".title").textContent;
    const name = `Save “${title}” as PNG`;
    const save = () =>
      saveImage(figure.querySelector(".plot").id, caption.querySelector(".title").textContent);
    caption.append(
      make(
        "button",
        { type: "button", class: "plain small", "aria-label": name, title: name, onclick: save },
        "PNG",
      ),
    );
  }
}

/** An image goes far from its page: it says itself what it shows. */
function whatIsShown(element) {
  const { window: rows, segment, feature } = shownView();
  const name = element.closest("#feature") ? `${feature} · ` : "";
  const saved = localTime(Date.now()).replace("T", " ");
  return `${name}window ${rows} · ${segmentInWords(segment)} · saved ${saved}`;
}

async function saveImage(id, title) {
  const element = find(id);
  const chart = chartOf(id);
  if (!chart) return tell("There is no chart to save yet.", "error");
  const colour = colours();
  const { trace, ...rest } = chart.forImage;
  const text = `${title}<br><sub>${whatIsShown(element)}</sub>`;
  const layout = {
    ...chart.layout,
    ...rest,
    paper_bgcolor: colour.panel,
    title: { text, x: 0.02, font: { size: 14 } },
    margin: { ...chart.layout.margin, t: 84, ...rest.margin },
  };
  const filename = `octroi-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${localTime(Date.now()).replaceAll(":", "")}`;
  const width = Math.max(element.clientWidth, 720);
  const size = { format: "png", scale: 2, width, height: element.clientHeight + 76 };
  await window.Plotly.downloadImage(
    { data: chart.data.map((each) => ({ ...each, ...trace })), layout },
    { ...size, filename },
  );
  return tell(`Saved ${filename}.png`);
}
