// Drift reports: asked for here, made by the service, read in a frame of their own.

import { act } from "./actions.js";
import { drawWhenChanged, find, make, replaceKeepingFocus, table } from "./elements.js";
import { ago, moment, number } from "./format.js";
import { showContent, showNotice } from "./panels.js";

const STATES = { requested: "○ requested", running: "◌ running", done: "✓ done", failed: "✕ failed" };

export function drawReports({ reports }) {
  if (!reports.length) {
    showNotice(
      "reports",
      "empty",
      "No reports yet",
      "A drift report compares the window with the reference in full. Request one above.",
    );
    return;
  }
  showContent("reports");
  drawWhenChanged(
    find("report-list"),
    [reports, reports.map(({ requested_at: requested }) => ago(requested))],
    () => {
      const heads = ["Requested", "By", "State", "Rows", "Drifted", "Read"];
      const rows = table("Drift reports", heads, reports.map(row), "reports");
      replaceKeepingFocus(find("report-list"), rows);
    },
  );
}

function row(report) {
  const state = report.error
    ? make("span", {}, STATES.failed, make("span", { class: "quiet" }, ` ${report.error}`))
    : STATES[report.state];
  const open = () => openReport(report);
  return [
    make("time", { datetime: report.requested_at, title: report.requested_at }, ago(report.requested_at)),
    report.requested_by,
    { value: state, class: "wrap" },
    number(report.rows),
    // Of no rows nothing was compared.
    number(report.rows ? report.drifted : null),
    report.html
      ? make(
          "button",
          {
            type: "button",
            class: "plain small",
            "data-key": report.report_id,
            "aria-label": `Open the report of ${moment(report.requested_at)}`,
            onclick: open,
          },
          "Open",
        )
      : "–",
  ];
}

/** Show a report in the frame. Its scripts run, but as a stranger: they reach neither this page nor its key. */
function openReport(report) {
  const frame = make("iframe", {
    src: report.html,
    sandbox: "allow-scripts allow-downloads",
    title: `Drift report of ${moment(report.requested_at)}`,
    referrerpolicy: "no-referrer",
  });
  find("report-frame").replaceChildren(frame);
  find("report-title").textContent = `Report of ${moment(report.requested_at)}`;
  find("report-away").href = report.html;
  find("report-view").hidden = false;
  find("report-view").scrollIntoView({ block: "start", behavior: "smooth" });
}

export function followReports() {
  find("report-request").addEventListener("click", (event) =>
    act("/v1/reports", {
      done: "A report is requested; it takes a minute or two.",
      button: event.currentTarget,
    }),
  );
  find("report-close").addEventListener("click", () => {
    find("report-view").hidden = true;
    find("report-frame").replaceChildren();
    find("report-request").focus();
  });
}
