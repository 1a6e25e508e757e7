"""What a campaign came to, for people, for the documents and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.chaos.endured import Endured
from tests.chaos.result import Result, Total

HEAD = (
    *("fault", "times", "lost", "doubled", "recovery p50", "max", "from open port p50", "max"),
    "longest pause, median / max",
)
NOT_BACK = "not back"


@dataclass
class Report:
    """What is known so far: also of a campaign that breaks off, what it came to by then."""

    seed: int
    results: list[Result] = field(default_factory=list)
    total: Total | None = None
    """None until the campaign has come to its end, and where there was none."""
    endured: list[Endured] = field(default_factory=list)
    ended: bool = False
    """Whether it came to its end."""

    def faults(self) -> list[str]:
        """Return what went wrong, nothing where all is well."""
        found = [result.said() for result in self.results if not result.whole]
        if not self.ended:
            found.append("it broke off before its end")
        if self.total is not None and (self.total.lost or self.total.doubled):
            found.append(f"in the end {self.total.lost} lost, {self.total.doubled} doubled")
        return found + [endured.said() for endured in self.endured if not endured.whole]

    def said(self) -> str:
        """Return a table of the faults, and a verdict."""
        found = self.faults()
        tables = [table(self.results)] if self.results else []
        return "\n".join([*tables, *(["NOT WHOLE:", *found] if found else ["whole"])])

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON's types."""
        return {**asdict(self), "not_whole": self.faults()}


def table(results: Iterable[Result]) -> str:
    """Return one line for each kind of fault, and their sum, in Markdown."""
    kinds: dict[str, list[Result]] = {}
    for result in results:
        kinds.setdefault(result.fault, []).append(result)
    lines = [_line(name, kind) for name, kind in sorted(kinds.items())]
    lines.append(_line("**all**", [result for kind in kinds.values() for result in kind]))
    rows = (HEAD, tuple("---" if number == 0 else "---:" for number in range(len(HEAD))), *lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _line(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    ports = [result.since_port for result in results if result.since_port is not None]
    return (
        name,
        str(len(results)),
        str(sum(result.lost for result in results)),
        str(sum(result.doubled for result in results)),
        *_spread([result.recovery for result in results]),
        *(_spread(ports) if ports else ("", "")),
        " / ".join(_spread([result.pause for result in results])),
    )


def _spread(seconds: Sequence[float | None]) -> tuple[str, str]:
    """Return the median and the most; one that never came is more than any."""
    known = [each for each in seconds if each is not None]
    most = f"{max(known):.1f} s" if len(known) == len(seconds) else NOT_BACK
    return f"{median(known):.1f} s" if known else NOT_BACK, most
