"""The scoring service: `python -m services.scoring`."""

import sys

from services.contracts.topics import DEAD_LETTERS
from services.kit.environment import exit_code_of
from services.kit.logs import configure_logs
from services.kit.service import StreamService
from services.scoring.wiring import wire


def main() -> int:
    """Run the service and return its exit code."""
    service = StreamService("scoring", DEAD_LETTERS.name)
    # Models are loaded, and told of, before it runs.
    configure_logs(service.name, service.service)
    return service.run(wire(service))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
