"""Decides without recording."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.requests import Request

from services.contracts.application import LoanApplication
from services.contracts.trials import TrialAsked, TrialDecision, TrialResult
from services.contracts.wire import wire_form
from services.gateway import application_documents as documents
from services.gateway.access import permitted
from services.gateway.body_limit import require_size
from services.gateway.context import context_of
from services.gateway.further_fields import BARE
from services.gateway.parts import parts_of
from services.gateway.problems import FieldProblem, invalid
from services.gateway.reading import APPLICATION_MEMORY, JSON, media_type
from services.gateway.rendering import json_response
from services.gateway.resources import DryRun, DryRunDecisions, Refused
from services.gateway.validation import field_problems
from services.kit.key_file import Role

Checked = LoanApplication | Refused


async def dry_run(request: Request) -> Response:
    """Tell what would be decided on up to 200 applications, and record nothing.

    The champion of the moment answers, by the policy and the code that decide real applications: the same
    application handed in now would get the same decision. It gets no id, is in no list, and nobody but you
    sees it. One that is not valid is told of in its place and does not hold up the others.
    """
    permitted(request, Role.SUBMIT)
    request_id = context_of(request.scope).request_id
    checked = [_check(cells, request_id) for cells in await _read(request)]
    valid = [each for each in checked if isinstance(each, LoanApplication)]
    told = await parts_of(request).trials.decide(valid, request_id=request_id) if valid else ()
    return json_response(wire_form(DryRunDecisions)(decisions=_in_order(checked, told, request_id)))


async def _read(request: Request) -> Sequence[object]:
    """Return the applications, unchecked. Raises ProblemError."""
    media_type(request, JSON)
    body = await request.body()
    require_size("A trial", len(body), TrialAsked.LARGEST)
    try:
        applications = DryRun.model_validate_json(body).applications
    except ValidationError as error:
        raise invalid(field_problems(DryRun, error)) from None
    context_of(request.scope).hold(APPLICATION_MEMORY * len(applications))
    return applications


def _check(cells: object, request_id: str) -> Checked:
    """Check an application as one that is handed in, and name its fields alike."""
    try:
        return BARE.validate_python(cells)
    except ValidationError as error:
        return _refused(field_problems(LoanApplication, error, inside="application"), request_id)


def _in_order(
    checked: Sequence[Checked], told: Sequence[TrialResult], request_id: str
) -> tuple[TrialDecision | Refused, ...]:
    results = iter(told)
    return tuple(
        _told(next(results), request_id) if isinstance(each, LoanApplication) else each for each in checked
    )


def _told(result: TrialResult, request_id: str) -> TrialDecision | Refused:
    """Return the decision, or what another release of scoring finds wrong where this one found nothing."""
    if result.decision is not None:
        return result.decision
    errors = [
        FieldProblem(field=f"application.{each.field}", message=each.message) for each in result.errors or ()
    ]
    return _refused(errors, request_id)


def _refused(errors: Sequence[FieldProblem], request_id: str) -> Refused:
    document = invalid(errors).in_wire_form(request_id)
    return wire_form(Refused)(status=document.status, problem=document)


def add_dry_run_route(router: APIRouter) -> None:
    """Add the route that records nothing."""
    router.add_api_route(
        "/v1/applications:dry-run", dry_run, methods=["POST"], tags=["submit"], **documents.dry_run()
    )
