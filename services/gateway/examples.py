"""Examples of what clients send and get: invented applicants."""

from typing import Any, Final

import orjson
from pydantic import BaseModel

from services.contracts.events import ApplicationDecided
from services.contracts.examples import APPLICATION, EXAMPLES, SMALLEST_APPLICATION, TRIAL_DECISION
from services.contracts.trials import TrialDecision
from services.contracts.wire import write
from services.gateway.lookup import with_decision
from services.gateway.problems import FieldProblem, Problem, invalid
from services.gateway.rendering import resource
from services.gateway.resources import (
    ApplicationResource,
    ApplicationSummary,
    BatchResult,
    DryRunDecisions,
    Page,
    Refused,
    links,
)
from services.gateway.states import ApplicationState

JsonObject = dict[str, Any]
ID: Final = "web-2026-000417"
COMPLETE: Final[JsonObject] = {"application_id": ID, "channel": "web", "application": APPLICATION}
"""As a branch fills it in; cells that nobody asked for are left out."""
SMALLEST: Final[JsonObject] = {"application": SMALLEST_APPLICATION}
"""What no decision can do without."""
REQUEST_ID: Final = "5f0c2a9e8a514c8e9d0e3f1f6f0f2b11"


def decided() -> ApplicationResource:
    """Return an application with its decision."""
    event = ApplicationDecided.model_validate(EXAMPLES["ApplicationDecided.v1"][0])
    state = ApplicationState(ID, "received", "web", event.submitted_at, b"")
    return ApplicationResource.model_validate_json(write(resource(with_decision(state, event))))


def whole() -> ApplicationResource:
    """Return it with its cells, as it is looked up."""
    return decided().model_copy(update={"application": APPLICATION})


def received() -> ApplicationResource:
    """Return the same application before that."""
    return decided().model_copy(update={"state": "received", "decision": None})


def page() -> Page:
    """Return a page of one application."""
    shown = decided()
    assert shown.decision is not None  # noqa: S101 - the example above has one
    summary = ApplicationSummary.model_validate(
        {
            **shown.decision.model_dump(),
            **shown.model_dump(exclude={"application", "decision"}),
            "links": links(ID),
        }
    )
    return Page(items=(summary,), next="/v1/applications?limit=1&cursor=WyIyMDI2LTAzLTMxVDA5OjMwOjAwWiJd")


def refusal() -> Problem:
    """Return the answer to an application with a field out of range."""
    message = "Input should be greater than 0"
    allowed = "number above 0, at most 10000000000"
    field = FieldProblem(field="application.AMT_CREDIT", message=message, allowed=allowed)
    return invalid([field]).problem(REQUEST_ID)


def batch_results() -> tuple[BatchResult, BatchResult]:
    """Return the results of a line that was accepted and of one that was not."""
    return (
        BatchResult(application_id=ID, status=202, state="received"),
        BatchResult(status=422, problem=refusal()),
    )


def dry_run() -> JsonObject:
    """Return a question about two applications."""
    return {"applications": [APPLICATION, SMALLEST_APPLICATION]}


def dry_run_decisions() -> DryRunDecisions:
    """Return what would be decided on one application, and one that is refused."""
    decision = TrialDecision.model_validate(TRIAL_DECISION)
    return DryRunDecisions(decisions=(decision, Refused(status=422, problem=refusal())))


def as_json(content: BaseModel) -> JsonObject:
    """Return what a client would get."""
    shown: JsonObject = orjson.loads(content.model_dump_json(exclude_none=True))
    return shown
