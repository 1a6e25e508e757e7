"""The gateway's interface, as the pages use it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

from services.ui.answers import Application, Batch, Cells, Decision, Page
from services.ui.rest import AwayError, RefusedError, Rest

APPLICATIONS: Final = "/v1/applications"
BATCHES: Final = "/v1/batches"
UNHURRIED: Final = httpx.Timeout(None, connect=2)
"""A large file takes as long as it takes."""
CHANNEL: Final = "branch"
"""Where applications that are typed into the pages come in."""


def results_path(batch_id: str) -> str:
    """Return where the gateway has the results of a batch."""
    return f"{BATCHES}/{quote(batch_id, safe='')}/results"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Every method raises AwayError and RefusedError."""

    rest: Rest

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return self.rest.told("/openapi.json")

    def submit(self, cells: Cells, key: str, *, wait: int) -> Application:
        """Hand in an application and wait for its decision; the same key is the same application."""
        headers = {"Idempotency-Key": key, "Prefer": f"wait={wait}"}
        body = {"channel": CHANNEL, "application": cells}
        answer = self.rest.ask("POST", APPLICATIONS, json=body, headers=headers, timeout=wait + 5)
        return Application.model_validate_json(answer.content)

    def find(self, application_id: str) -> Application | None:
        """Return an application, or None where nobody handed it in."""
        try:
            answer = self.rest.ask("GET", f"{APPLICATIONS}/{quote(application_id, safe='')}")
        except RefusedError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return Application.model_validate_json(answer.content)

    def page(self, filters: Mapping[str, str | int]) -> Page:
        """Return a page of applications."""
        return Page.model_validate_json(self.rest.ask("GET", APPLICATIONS, params=filters).content)

    def dry_run(self, variants: Sequence[Cells]) -> list[Decision | None]:
        """Return what would be decided of each variant, None of one that is not valid."""
        body = {"applications": list(variants)}
        told = self.rest.ask("POST", f"{APPLICATIONS}:dry-run", json=body).json()["decisions"]
        return [None if "outcome" not in each else Decision.model_validate(each) for each in told]

    def hand_in_batch(self, name: str, content: Iterable[bytes], key: str) -> Batch:
        """Send a CSV file, as long as it takes."""
        answer = self.rest.ask(
            *("POST", BATCHES),
            params={"name": name},
            content=content,
            headers={"Content-Type": "text/csv", "Idempotency-Key": key},
            timeout=UNHURRIED,
        )
        return Batch.model_validate_json(answer.content)

    def batches(self, limit: int) -> tuple[Batch, ...]:
        """Return batches, the newest first."""
        told = self.rest.told(BATCHES, limit=limit)
        return tuple(Batch.model_validate(each) for each in told["batches"])

    def batch(self, batch_id: str) -> Batch:
        """Return one batch with its histogram."""
        return Batch.model_validate(self.rest.told(f"{BATCHES}/{quote(batch_id, safe='')}"))

    def cancel(self, batch_id: str) -> None:
        """Drop the rows of a batch that are not handed in yet."""
        self.rest.ask("POST", f"{BATCHES}/{quote(batch_id, safe='')}:cancel")

    def batch_errors(self, batch_id: str, limit: int) -> list[dict[str, Any]]:
        """Return the first rows that are not valid: row, field, message."""
        told = self.rest.told(f"{BATCHES}/{quote(batch_id, safe='')}/errors", limit=limit)
        errors: list[dict[str, Any]] = told["errors"]
        return errors

    def results(self, batch_id: str) -> Iterator[bytes]:
        """Yield the results as CSV."""
        try:
            with self.rest.client.stream("GET", results_path(batch_id), timeout=UNHURRIED) as answer:
                if answer.is_error:
                    raise RefusedError("gateway", answer.status_code, {})
                yield from answer.iter_bytes()
        except httpx.TransportError as error:
            raise AwayError("gateway") from error
