"""A feature service whose code is wrong for every record: `python -m tests.chaos.bad_release`."""

import sys
from collections.abc import Sequence

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.kit.environment import exit_code_of
from services.kit.records import Emit, Message, Record
from services.kit.service import StreamService


def handle(records: Sequence[Record]) -> list[Emit[Message]]:
    """Raise as a slip of the pen does."""
    return [records[len(records)] for _ in records]  # type: ignore[misc]


def main() -> int:
    """Run the service and return its exit code."""
    service = StreamService("feature", DEAD_LETTERS.name)
    return service.run(service.stage([APPLICATIONS.name], handle))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
