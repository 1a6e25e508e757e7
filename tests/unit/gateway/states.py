"""States of applications, as the ledger tells them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.contracts.application import LoanApplication
from services.contracts.events import LoanApplicationSubmitted
from services.gateway.lookup import with_decision
from services.gateway.resources import Failure
from services.gateway.states import ApplicationState
from tests.unit.gateway.fakes import decided

MORNING = datetime(2026, 4, 1, 9, tzinfo=UTC)


def known_state(
    application_id: str,
    cells: Mapping[str, Any],
    *,
    decide: bool = False,
    failure: Failure | None = None,
    channel: str | None = "web",
    submitted_at: datetime = MORNING,
) -> ApplicationState:
    """Return an application as the ledger tells it."""
    application = LoanApplication.model_validate(cells)
    event = LoanApplicationSubmitted(application_id=application_id, application=application)
    state = ApplicationState(
        application_id,
        "dead" if failure else "received",
        channel,
        submitted_at,
        event.model_dump_json(exclude_none=True).encode(),
        failure=failure,
    )
    return with_decision(state, decided(application_id)) if decide else state
