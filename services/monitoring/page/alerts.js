// Alerts: what fires, what somebody has seen, what is silenced for a while, and what is over.

import { act, askForReason } from "./actions.js";
import { drawWhenChanged, find, make, replaceKeepingFocus } from "./elements.js";
import { ageInSeconds, ago, moment, number, subjectInWords } from "./format.js";
import { showContent, showNotice } from "./panels.js";
import { isSilenced } from "./tiles.js";

const SIGNS = { critical: "▲", warning: "◆", information: "i" };
const RANK = { critical: 0, warning: 1, information: 2 };

export function drawAlerts({ alerts }, withCleared) {
  find("alerts-count").textContent = alerts.length
    ? `${alerts.filter(({ cleared_at: cleared }) => !cleared).length} open`
    : "";
  if (!alerts.length) {
    showNotice(
      "alerts",
      "empty",
      "No alerts",
      withCleared
        ? "None has been raised so far."
        : "Nothing fires now. Tick “with cleared” to see earlier ones.",
    );
    return;
  }
  showContent("alerts");
  const shown = alerts.toSorted(byUrgency);
  // Minutes are part of what is compared, so that "5 min ago" keeps up.
  const told = [shown, shown.map(({ raised_at: raised }) => ago(raised)), shown.map(isSilenced)];
  drawWhenChanged(find("alert-list"), told, () =>
    replaceKeepingFocus(find("alert-list"), shown.map(alertItem)),
  );
}

function byUrgency(one, other) {
  const over = (alert) => Number(Boolean(alert.cleared_at));
  return (
    over(one) - over(other) ||
    Number(isSilenced(one)) - Number(isSilenced(other)) ||
    RANK[one.severity] - RANK[other.severity] ||
    other.raised_at.localeCompare(one.raised_at)
  );
}

function alertItem(alert) {
  const state = alert.cleared_at ? "cleared" : isSilenced(alert) ? "silenced" : "firing";
  return make(
    "li",
    { class: "alert", "data-severity": alert.severity, "data-state": state },
    make("span", { class: "sign", "aria-hidden": "true" }, state === "cleared" ? "✓" : SIGNS[alert.severity]),
    make(
      "div",
      { class: "alert-text" },
      make(
        "p",
        { class: "alert-head" },
        make("span", { class: "badge severity" }, alert.severity),
        make("strong", {}, subjectInWords(alert.subject)),
        make("span", { class: "quiet" }, alert.rule),
      ),
      make("p", {}, alert.summary),
      make("p", { class: "quiet" }, notes(alert)),
    ),
    alert.cleared_at ? null : buttons(alert),
  );
}

function notes(alert) {
  const value =
    alert.value === null || alert.value === undefined
      ? ""
      : `value ${short(alert.value)}${alert.threshold === null || alert.threshold === undefined ? "" : `, threshold ${short(alert.threshold)}`}`;
  return [
    `raised ${ago(alert.raised_at)}`,
    value,
    alert.cleared_at && `cleared ${moment(alert.cleared_at)}`,
    alert.acknowledged_at &&
      `acknowledged by ${alert.acknowledged_by ?? "somebody"} ${ago(alert.acknowledged_at)}: ${alert.acknowledged_reason ?? ""}`,
    isSilenced(alert) &&
      `silenced for ${number(-ageInSeconds(alert.silenced_until) / 60)} more min, until ${moment(alert.silenced_until)}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Counts are whole; of shares and distances three digits tell enough. */
const short = (value) => number(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 3);

function buttons(alert) {
  const path = `/v1/alerts/${encodeURIComponent(alert.alert_id)}`;
  const acknowledge = () =>
    ask(
      `${path}/acknowledge`,
      { title: "Acknowledge alert", text: alert.summary, confirm: "Acknowledge" },
      "The alert is acknowledged.",
    );
  const silence = () =>
    ask(
      `${path}/silence`,
      { title: "Silence alert", text: alert.summary, confirm: "Silence", minutes: true },
      "The alert is silenced.",
    );
  const button = (name, onclick) =>
    make(
      "button",
      {
        type: "button",
        class: "plain small",
        onclick,
        "aria-label": `${name}: ${subjectInWords(alert.subject)}`,
        "data-key": `${name} ${alert.alert_id}`,
      },
      name,
    );
  return make(
    "div",
    { class: "alert-buttons" },
    alert.acknowledged_at ? null : button("Acknowledge", acknowledge),
    isSilenced(alert) ? null : button("Silence", silence),
  );
}

async function ask(path, question, done) {
  const body = await askForReason(question);
  if (body) await act(path, { body, done });
}
