// Hands each part of the page what it draws, from the outcomes of all requests.

import { bounds } from "./address.js";
import { drawAlerts } from "./alerts.js";
import { drawShadow } from "./challenger.js";
import { showControls } from "./controls.js";
import { drawDeadLetters } from "./dead_letters.js";
import { drawDecisions } from "./decisions.js";
import { drawDriftCount } from "./drift_table.js";
import { find } from "./elements.js";
import { drawExpected } from "./expected.js";
import { drawFeature } from "./feature.js";
import { localTime } from "./format.js";
import { drawHeatMap } from "./heat_map.js";
import { DisconnectedError } from "./interface.js";
import { fill } from "./panels.js";
import { drawPipeline } from "./pipeline.js";
import { drawRealised } from "./realised.js";
import { drawReports } from "./reports.js";
import { drawTiles } from "./tiles.js";
import { drawTrainings } from "./trainings.js";

let lastAnswer = null;
const known = (told) => told?.value ?? told?.old ?? null;

/** Draw how each feature drifts. */
export function drawDrift(shown, { summary, history }) {
  const limits = history.bounds ?? bounds(shown);
  showControls(shown);
  fill("drift", history, (told) => {
    drawHeatMap(told, known(summary), shown, limits);
    if (told.times.length) drawDriftCount(told, limits);
  });
}

/** Draw everything else for a view. */
export function drawRest(shown, outcomes) {
  const { summary, pipeline, history } = outcomes;
  const limits = history.bounds ?? bounds(shown);
  showConnection(summary);
  drawTiles(outcomes);
  drawFeature(outcomes, shown, limits);
  const missing = summary.error?.status === 404 ? { value: null } : summary;
  fill("decisions", missing, (told) => drawDecisions(told, known(history), limits));
  fill("expected", missing, (told) => drawExpected(told, known(history), limits));
  fill("shadow", missing, (told) => drawShadow(told, known(pipeline)));
  fill("realised", outcomes.performance, drawRealised);
  fill("pipeline", pipeline, drawPipeline);
  fill("alerts", outcomes.alerts, (told) => drawAlerts(told, find("alerts-all").checked));
  fill("dead-letters", outcomes.letters, drawDeadLetters);
  fill("trainings", outcomes.trainings, drawTrainings);
  fill("reports", outcomes.reports, drawReports);
}

/** A banner while the service is away, with the age of what is shown. */
function showConnection(summary) {
  const away = summary.error instanceof DisconnectedError;
  if (!away) lastAnswer = new Date();
  find("banner").hidden = !away;
  const since = lastAnswer
    ? `What is shown was known at ${localTime(lastAnswer).slice(11)}.`
    : "Nothing was fetched yet.";
  find("banner").textContent = away
    ? `The monitoring service does not answer. ${since} The page keeps trying.`
    : "";
}
