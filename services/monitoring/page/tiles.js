// The top row: what an operator must know at a glance. Each tile says in words what its colour says.

import { find, make, replaceKeepingFocus } from "./elements.js";
import { ageInSeconds, ago, duration, moment, number, percent, UNKNOWN } from "./format.js";
import { DisconnectedError } from "./interface.js";

export const isFiring = (alert) => !alert.cleared_at && !isSilenced(alert);
export const isSilenced = (alert) => Boolean(alert.silenced_until) && ageInSeconds(alert.silenced_until) < 0;
const OLD = 120;

/** What state the whole is in: the worst that is known, disconnection first. */
export function stateOf({ summary, alerts }) {
  if (summary.error instanceof DisconnectedError)
    return state("disconnected", "✕", "Disconnected", summary.error.message);
  const told = summary.value;
  if (!told)
    return state(
      "none",
      "○",
      "No data",
      summary.error?.status === 404 ? "no tick yet" : summary.error?.message,
    );
  if (ageInSeconds(told.at) > OLD) return state("none", "○", "No data", `last tick ${ago(told.at)}`);
  const firing = (alerts.value?.alerts ?? []).filter(isFiring);
  const note = `last tick ${moment(told.at)}`;
  if (firing.length) {
    const critical = firing.some(({ severity }) => severity === "critical");
    return state(
      critical ? "critical" : "warning",
      "▲",
      `${firing.length} firing`,
      critical ? "at least one is critical" : "none is critical",
      "alerts",
    );
  }
  const drifted = told.features.filter((feature) => feature.drifted).length;
  if (drifted)
    return state("warning", "◆", "Drifted", `${drifted} feature${drifted > 1 ? "s" : ""}; ${note}`);
  if (!told.rows) return state("none", "○", "No data", "no rows in the window");
  if (alerts.error) return state("none", "?", "Unsure", "alerts are not known");
  return state("good", "✓", "OK", note);
}

const state = (kind, sign, text, note = "", link = "") => ({ kind, sign, text, note, link });

/** Draw the tiles from the outcomes of the summary, the pipeline and the alerts. */
export function drawTiles(outcomes) {
  const status = stateOf(outcomes);
  const summary = outcomes.summary.value ?? outcomes.summary.old;
  const pipeline = outcomes.pipeline.value ?? outcomes.pipeline.old;
  const tiles = [
    tile("Status", status.text, status.note, { kind: status.kind, sign: status.sign, href: status.link }),
    tile("Throughput", number(pipeline?.throughput, 1), "per second, last minute"),
    tile(
      "Approval rate",
      percent(summary?.decisions.approved),
      summary ? `of ${number(summary.decisions.rows)} decisions` : "",
    ),
    driftTile(summary),
    tile(
      "Time to decision, p99",
      duration(summary?.ages?.p99),
      summary?.ages ? `median ${duration(summary.ages.p50)}` : "hand-in to decision",
    ),
    deadTile(pipeline),
    championTile(pipeline),
  ];
  replaceKeepingFocus(find("tiles"), tiles);
  announce(status);
}

function driftTile(summary) {
  if (!summary) return tile("Drifted features", UNKNOWN, "");
  const drifted = summary.features.filter((feature) => feature.drifted).length;
  const kind = drifted ? { kind: "warning", sign: "◆" } : { kind: "good", sign: "✓" };
  const note = `threshold ${number(summary.threshold, 2)}`;
  return tile("Drifted features", `${drifted}/${summary.features.length}`, note, { ...kind, href: "drift" });
}

function deadTile(pipeline) {
  const dead = pipeline?.dead_letters;
  const look = dead ? { kind: "warning", sign: "▲", href: "dead-letters" } : {};
  return tile("Dead letters", number(dead), "last 24 hours", look);
}

function championTile(pipeline) {
  const { champion, instances = [] } = pipeline ?? {};
  if (!champion) return tile("Champion", UNKNOWN, pipeline ? "no champion is named" : "");
  const behind = instances.filter(({ version }) => version !== champion.version).length;
  const note = behind
    ? `${behind} instance${behind > 1 ? "s" : ""} on another`
    : `since ${moment(champion.since)}`;
  return tile(
    "Champion",
    `v${champion.version}`,
    note,
    behind ? { kind: "warning", sign: "▲", href: "pipeline" } : {},
  );
}

function tile(name, value, note, { kind = "", sign = "", href = "" } = {}) {
  const mark = sign ? make("span", { class: "sign", "aria-hidden": "true" }, sign) : null;
  const label = href ? make("a", { href: `#${href}`, "data-key": name }, name) : name;
  return make(
    "div",
    { class: "tile", "data-kind": kind },
    make("dt", {}, label),
    make("dd", { class: "value" }, mark, value),
    make("dd", { class: "note", title: note }, note || "\u00a0"),
  );
}

/** Tell a screen reader of a new state once, not at each tick. */
function announce({ text, note, kind }) {
  const live = find("live");
  document.title = `${text} · Octroi monitoring`;
  if (live.dataset.kind === kind + text) return;
  live.dataset.kind = kind + text;
  live.textContent = `Status: ${text}. ${note}`;
}
