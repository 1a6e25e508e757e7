"""The results of a campaign as a table, for people and for the documents."""

from collections.abc import Iterable, Sequence
from statistics import median

from tests.chaos.campaign import Result

HEAD = ("fault", "times", "lost", "doubled", "recovery p50", "max", "from open port p50", "max")


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
    )


def _spread(seconds: Sequence[float]) -> tuple[str, str]:
    return f"{median(seconds):.1f} s", f"{max(seconds):.1f} s"
