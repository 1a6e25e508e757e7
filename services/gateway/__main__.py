"""The gateway: `python -m services.gateway`."""

import sys

from services.gateway.wiring import Gateway
from services.kit.environment import exit_code_of
from services.kit.lifecycle import run_service
from services.kit.logs import configure_logs


def main() -> int:
    """Run the gateway until SIGTERM and return the exit code."""
    gateway = Gateway()
    configure_logs("gateway", gateway.service)
    return run_service(gateway.run, grace=gateway.service.grace)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
