// The challenger beside the champion, on the same applications.

import { shareBar } from "./decisions.js";
import { find, table } from "./elements.js";
import { number, percent, points } from "./format.js";
import { showContent, showNotice } from "./panels.js";

/** Put champion and challenger side by side. */
export function drawShadow(summary, pipeline) {
  const shadow = summary?.shadow;
  if (!shadow) {
    const named = pipeline?.challenger;
    const text = named
      ? `Version ${named.version} is challenger; no application in this window was scored by it yet.`
      : "When a version is named challenger, it scores the same applications beside the champion and is compared here.";
    showNotice("shadow", "empty", named ? "Nothing to compare yet" : "No challenger", text);
    return;
  }
  showContent("shadow");
  const approved = summary.decisions.approved;
  const wouldApprove = approved + shadow.approved_by_challenger_alone - shadow.approved_by_champion_alone;
  drawComparison(summary.model_version, shadow, approved, wouldApprove);
  find("shadow-told").textContent =
    `They agree on ${percent(shadow.agreement)} of ${number(shadow.rows)} applications. ${costs(shadow)} ` +
    `per application, by the champion's own probabilities, and change the approval rate by ${points(wouldApprove - approved)}.`;
}

function drawComparison(champion, shadow, approved, wouldApprove) {
  const { approved_by_champion_alone: champions, approved_by_challenger_alone: challengers } = shadow;
  const heads = ["", `Champion v${champion}`, `Challenger v${shadow.version}`];
  const rows = [
    ["Approval rate", percent(approved), percent(wouldApprove)],
    ["Approved by it alone", percent(champions), percent(challengers)],
    ["Expected cost per application", number(shadow.champion_cost, 4), number(shadow.challenger_cost, 4)],
  ];
  find("shadow-table").replaceChildren(table("Champion against challenger", heads, rows, "numbers"));
  const parts = [
    ["both", "Same outcome", "=", shadow.agreement],
    ["mine", "Champion alone approves", "−", champions],
    ["theirs", "Challenger alone approves", "+", challengers],
  ];
  find("shadow-agreement").replaceChildren(...shareBar(parts));
}

function costs({ champion_cost: now, challenger_cost: then }) {
  if (now === then) return "The challenger would cost the same";
  const share = now ? `${percent(Math.abs(now - then) / now)} ` : "";
  return `The challenger would cost ${share}${then < now ? "less" : "more"}`;
}
