"""The ledger service: `python -m services.ledger`."""

import sys

from services.contracts.topics import DEAD_LETTERS
from services.kit.environment import exit_code_of, read
from services.kit.service import StreamService
from services.ledger.settings import LedgerStreamSettings
from services.ledger.wiring import wire


def main() -> int:
    """Run the service and return its exit code."""
    service = StreamService("ledger", DEAD_LETTERS.name, stream=read(LedgerStreamSettings))
    return service.run(wire(service))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
