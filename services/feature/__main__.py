"""The feature service: `python -m services.feature`."""

import sys

from services.contracts.topics import DEAD_LETTERS
from services.feature.wiring import wire
from services.kit.environment import exit_code_of
from services.kit.service import StreamService


def main() -> int:
    """Run the service and return its exit code."""
    service = StreamService("feature", DEAD_LETTERS.name)
    return service.run(wire(service))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
