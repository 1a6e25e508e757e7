"""The monitoring service: `python -m services.monitoring`."""

import sys

from services.contracts.topics import ALERTS, CATALOGUES, DEAD_LETTERS
from services.kit.environment import exit_code_of, read
from services.kit.service import StreamService
from services.monitoring.observations import MonitoringHandler
from services.monitoring.settings import MonitoringStreamSettings
from services.monitoring.wiring import Monitoring


def main() -> int:
    """Wire the service, run it and return its exit code."""
    service = StreamService("monitoring", DEAD_LETTERS.name, stream=read(MonitoringStreamSettings))
    monitoring = Monitoring(service)
    work = service.stage(
        MonitoringHandler.topics,
        MonitoringHandler(monitoring.champion),
        write=monitoring.counting.write,
        # What is read before there is a champion would be held for a second.
        begin=monitoring.looked,
        champion=monitoring.follow_registry,
        catalogues=monitoring.following(CATALOGUES.name, monitoring.champion.learn),
        alerts=monitoring.following(ALERTS.name, monitoring.pipeline.take),
        ticks=monitoring.ticker.run,
        reports=monitoring.report,
        telling=monitoring.telling.run,
        trainings=monitoring.retraining.run,
    )
    return service.run(work, application=monitoring.application)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
