"""Trials: what the champion would decide, for who asked, recorded nowhere."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import structlog
from pydantic import Field, ValidationError

from services.contracts.application import LoanApplication
from services.contracts.codec import ContractError, attribute, decode, decode_known, encode
from services.contracts.event import Moment
from services.contracts.topics import TRIAL_DECISIONS
from services.contracts.trials import (
    MOST_APPLICATIONS,
    TrialAsked,
    TrialDecided,
    TrialDecision,
    TrialError,
    TrialEvent,
    TrialResult,
)
from services.contracts.wire import as_wire_form, wire_form
from services.kit.logs import where
from services.kit.records import Emit, Message, Record
from services.kit.stream import POISON
from services.scorecard.catalogue import Catalogue
from services.scorecard.columns import columns_of
from services.scorecard.decide import decide
from services.scoring.binding import Bindings, UnboundError
from services.scoring.models import LoadedModel

SOURCE: Final = "octroi/scoring"
NOBODY_WAITS_AFTER: Final = timedelta(seconds=30)
"""Far above any wait, so that clocks may differ a little."""
MOST_IN_A_TURN: Final = 2_000
"""Applications of trials in one turn, whose real decisions wait for them. Further trials get no answer."""
MOST_BYTES_IN_A_TURN: Final = 8 * 1024 * 1024
"""Bytes of trials in one turn, for the same reason: a full application takes about 4,000."""
log = structlog.stdlib.get_logger("trials")
Answer = Emit[Message]


class _Valid(TrialEvent):
    """A TrialAsked without a fault, which nearly all are: the gateway has checked their applications."""

    event: Literal["TrialAsked"] = "TrialAsked"
    version: Literal[1] = 1
    asked_at: Moment
    applications: Annotated[tuple[LoanApplication, ...], Field(min_length=1, max_length=MOST_APPLICATIONS)]


class Trials:
    """Answers trials. One that cannot be answered is passed over: whoever asked is told after his wait.

    It makes no dead letter either, since too many of these would stop the stage, and real decisions with it.
    """

    def __init__(self, catalogue: Catalogue, bindings: Bindings, *, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._bindings = bindings
        self._now = now

    def answer(self, champion: LoadedModel | None, records: Sequence[Record]) -> list[Answer]:
        """Return an answer for each record, or nothing where there is none; bad data raises nothing."""
        room, bytes_left = MOST_IN_A_TURN, MOST_BYTES_IN_A_TURN
        answers: list[Answer] = []
        for record in records:
            if champion is None or room <= 0 or bytes_left <= 0:
                answers.append(Emit())
                continue
            answer, applications = self._answer(champion, record)
            answers.append(answer)
            room -= applications
            bytes_left -= len(record.value or b"")
        return answers

    def _answer(self, champion: LoadedModel, record: Record) -> tuple[Answer, int]:
        """Return an answer and of how many applications; the trial itself is let go of before the next."""
        asked = self._read(record)
        if asked is None:
            return Emit(), 0
        return self._try(champion, asked, record), len(asked.applications)

    def _read(self, record: Record) -> TrialAsked | _Valid | None:
        try:
            asked = decode_known(_Valid, record.value, record.headers) or decode(
                TrialAsked, record.value, record.headers
            )
        except ContractError as error:
            log.warning("trial_unreadable", position=record.position(), error=str(error))
            return None
        return asked if self._now() - asked.asked_at < NOBODY_WAITS_AFTER else None

    def _try(self, champion: LoadedModel, asked: TrialAsked | _Valid, record: Record) -> Answer:
        try:
            results = self._results(champion, asked.applications)
        except UnboundError:
            return Emit()
        except POISON as error:
            log.error("trial_crashed", error=type(error).__name__, where=where(error))  # noqa: TRY400
            return Emit()
        event = wire_form(TrialDecided)(trial_id=asked.trial_id, decided_at=self._now(), results=results)
        request_id = attribute(record.headers, "ce_requestid")
        encoded = encode(event, event_id=record.position(), source=SOURCE, request_id=request_id)
        return Emit((Message(TRIAL_DECISIONS.name, *encoded),))

    def _results(
        self, champion: LoadedModel, applications: Sequence[dict[str, Any] | LoanApplication]
    ) -> tuple[TrialResult, ...]:
        checked = [_checked(each) if isinstance(each, dict) else each for each in applications]
        valid = [each for each in checked if not isinstance(each, tuple)]
        decisions = iter(self._decide(champion, valid) if valid else ())
        result = wire_form(TrialResult)
        return tuple(
            result(errors=each) if isinstance(each, tuple) else result(decision=next(decisions))
            for each in checked
        )

    def _decide(
        self, champion: LoadedModel, applications: Sequence[LoanApplication]
    ) -> Sequence[TrialDecision]:
        """Decide as on recorded applications: the same features, the same model, the same policy."""
        positions = self._bindings.positions(champion, self._catalogue.version)
        vectors = self._catalogue.compute(columns_of(applications))
        decisions = decide(champion.model, vectors[:, positions])
        return [
            wire_form(TrialDecision)(
                outcome=decisions.outcomes[row],
                probability_of_default=float(decisions.probabilities[row]),
                score=int(decisions.scores[row]),
                threshold=champion.model.bundle.threshold,
                reasons=decisions.reasons[row],
                policy_rule=decisions.policy_rules[row],
                policy_version=champion.model.policy.version,
                model=as_wire_form(champion.identity),
                catalogue_version=self._catalogue.version,
            )
            for row in range(len(applications))
        ]


def _checked(cells: dict[str, Any]) -> LoanApplication | tuple[TrialError, ...]:
    try:
        return LoanApplication.model_validate(cells)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        form = wire_form(TrialError)
        return tuple(form(field=".".join(map(str, each["loc"])), message=each["msg"]) for each in details)
