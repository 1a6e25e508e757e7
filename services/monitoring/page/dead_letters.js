// Records that a stage could not read, and the way back into the pipeline.

import { act } from "./actions.js";
import { drawWhenChanged, find, make, replaceKeepingFocus, table } from "./elements.js";
import { ago } from "./format.js";
import { showContent, showNotice } from "./panels.js";

export function drawDeadLetters({ dead_letters: letters }) {
  if (!letters.length) {
    showNotice("dead-letters", "empty", "No dead letters", "Every record could be read.");
    return;
  }
  showContent("dead-letters");
  const told = [letters, letters.map(({ failed_at: failed }) => ago(failed))];
  drawWhenChanged(find("dead-letter-list"), told, () => {
    const heads = ["Application", "Stage", "What was wrong", "When", "Record", "Replay"];
    const rows = table("Dead letters", heads, letters.map(row), "letters");
    replaceKeepingFocus(find("dead-letter-list"), rows);
  });
}

function row(letter) {
  const place = `${letter.topic} ${letter.partition}:${letter.offset}`;
  const id = letter.application_id ?? "not known";
  return [
    make("code", { title: id }, id.length > 12 ? `${id.slice(0, 8)}…` : id),
    letter.stage,
    { value: letter.error, class: "wrap" },
    ago(letter.failed_at),
    make(
      "span",
      { class: "quiet", title: `${place}, from ${letter.origin_topic}` },
      `${letter.partition}:${letter.offset}`,
    ),
    make(
      "button",
      {
        type: "button",
        class: "plain small",
        "aria-label": `Replay ${place}`,
        "data-key": place,
        onclick: (event) => replay(letter, event.currentTarget),
      },
      "Replay",
    ),
  ];
}

function replay(letter, button) {
  const path = ["/v1/dead-letters", letter.topic, letter.partition, letter.offset, "replay"]
    .map((part, place) => (place ? encodeURIComponent(part) : part))
    .join("/");
  return act(path, { done: `The record was sent to ${letter.origin_topic} again.`, button });
}
