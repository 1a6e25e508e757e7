"""The engine in one process: `OCTROI_MODE=single python -m services.single`."""

import sys

from services.kit.environment import exit_code_of, read
from services.kit.lifecycle import run_service
from services.kit.logs import configure_logs
from services.kit.settings import ServiceSettings
from services.single.settings import SingleSettings
from services.single.wiring import Single


def main() -> int:
    """Run the engine until SIGTERM and return the exit code."""
    settings, service = read(SingleSettings), read(ServiceSettings)
    configure_logs("single", service)
    return run_service(Single(settings, service).run, grace=service.grace)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
