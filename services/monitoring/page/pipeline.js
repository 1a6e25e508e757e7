// Where records wait: the lag of each stage, and which model version each instance uses.

import { find, make, table } from "./elements.js";
import { moment, number } from "./format.js";
import { showContent, showNotice } from "./panels.js";

/** Lag in records from which a bar is full; the scale is logarithmic, as lags are. */
const FULL = 100000;
const WORTH_A_LOOK = 5000;

export function drawPipeline(pipeline) {
  if (!pipeline.stages.length) {
    showNotice(
      "pipeline",
      "empty",
      "No stage reports",
      "Stages appear once they have read from their topics.",
    );
    return;
  }
  showContent("pipeline");
  find("stages").replaceChildren(...pipeline.stages.map(stage));
  const { champion, challenger, instances } = pipeline;
  const named = [champion && ["Champion", champion], challenger && ["Challenger", challenger]].filter(
    Boolean,
  );
  const rows = [
    ...named.map(([role, model]) => [role, `${model.name} v${model.version}`, moment(model.since)]),
    ...instances.map(({ instance, version, since }) => [
      instance,
      champion && version !== champion.version ? `▲ v${version}, not the champion` : `v${version}`,
      moment(since),
    ]),
  ];
  find("instances").replaceChildren(
    rows.length
      ? table("Model versions in use", ["Who", "Version", "Since"], rows)
      : make("p", { class: "quiet" }, "No scoring instance reports yet."),
  );
}

function stage({ name, lag }) {
  const share = lag ? Math.min(1, Math.log1p(lag) / Math.log1p(FULL)) : 0;
  const slow = lag >= WORTH_A_LOOK;
  const told = lag === null ? "not known" : number(lag);
  return make(
    "li",
    { class: "stage", "data-kind": slow ? "warning" : "" },
    make("span", { class: "stage-name" }, name),
    make(
      "span",
      { class: "track", "aria-hidden": "true" },
      make("span", { class: "filled", style: { width: `${share * 100}%` } }),
    ),
    make("span", { class: "stage-lag" }, slow ? "▲ " : "", told),
  );
}
