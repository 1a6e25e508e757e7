// Trainings that alerts asked for: which alert, how far each is, and what became of its candidate.

import { drawWhenChanged, find, make, replaceKeepingFocus } from "./elements.js";
import { ago, duration, subjectInWords } from "./format.js";
import { showContent, showNotice } from "./panels.js";

const SETTING = "OCTROI_MONITORING_RETRAIN";
const EXAMPLE = '["python", "-m", "services.training", "--data", "data"]';
/** What a training says of its candidate at the end, and the gate's reason. */
const VERDICT = /^\S+ version \d+ is .*$/gm;
const STATES = {
  requested: ["waiting", "○", ""],
  running: ["training", "◌", "information"],
  kept: ["new model", "✓", "good"],
  refused: ["refused by the gate", "✕", "warning"],
  failed: ["failed", "▲", "critical"],
};
/** Whose last words are open: a list that is drawn anew must not close them. */
const opened = new Set();

export function drawTrainings({ trainings, enabled }) {
  if (!trainings.length) {
    const [title, text] = enabled ? whenOn() : whenOff();
    showNotice("trainings", "empty", title, text);
    return;
  }
  showContent("trainings");
  const told = [trainings, trainings.map(whenOf)];
  drawWhenChanged(find("training-list"), told, () =>
    replaceKeepingFocus(find("training-list"), trainings.map(item)),
  );
}

const whenOn = () => [
  "No training was requested",
  ["Alerts whose rule has ", make("code", {}, "retrain: true"), " ask for one; it shows here."],
];

const whenOff = () => [
  "Retraining is switched off",
  [
    "To let alerts ask for a training, start monitoring with ",
    make("code", { class: "line" }, `${SETTING}='${EXAMPLE}'`),
    " Its candidate goes through the same gate as any other.",
  ],
];

/** Done is a training whose candidate the gate has judged: 0 says that it has kept it. */
const stateOf = ({ state, exit_code: code }) => (state === "done" ? (code ? "refused" : "kept") : state);

function item(training) {
  const [words, sign, kind] = STATES[stateOf(training)];
  const { alert, said } = training;
  return make(
    "li",
    { class: "training", "data-kind": kind },
    make(
      "p",
      { class: "alert-head" },
      make("span", { class: "sign", "aria-hidden": "true" }, sign),
      make("strong", {}, words),
      make("span", { class: "quiet" }, whenOf(training)),
    ),
    make("p", {}, outcomeOf(training)),
    make("p", { class: "quiet" }, `Asked for by ${whyOf(alert)}`),
    said ? lastWords(training) : null,
  );
}

function whenOf({ requested_at: requested, started_at: started, finished_at: finished }) {
  const took = started && (Date.parse(finished ?? new Date()) - Date.parse(started)) / 1000;
  const words = finished ? "took" : "for";
  const parts = [`requested ${ago(requested)}`, took && `${words} ${duration(took)}`];
  return parts.filter(Boolean).join(" · ");
}

const whyOf = (alert) =>
  alert
    ? `${alert.rule}, ${subjectInWords(alert.subject)}: ${alert.summary}`
    : "an alert that is not among the latest any more";

function outcomeOf({ state, said, exit_code: code }) {
  const lines = (said ?? "").trim().split("\n");
  if (state === "requested") return "It starts when no other training runs.";
  if (state === "running") return "Its outcome is told at the end.";
  const verdict = (said ?? "").match(VERDICT)?.at(-1) ?? lines.at(-1);
  return verdict || `It ended with code ${code ?? "unknown"} and said nothing.`;
}

function lastWords({ training_id: id, said }) {
  const details = make(
    "details",
    { open: opened.has(id), ontoggle: () => (details.open ? opened.add(id) : opened.delete(id)) },
    make("summary", { "data-key": `said ${id}` }, "What it said"),
    make("pre", { tabindex: "0" }, said.trim()),
  );
  return details;
}
