"""What the dashboard asks for is what running services tell, with these labels."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.dashboard import groups, queries, selectors
from tests.e2e.following import wait_for
from tests.engine import SERVICES, RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
CHOSEN = {"$window": "last-5000", "$segment": "all"}
BY_PROMETHEUS = {"job", "instance"}
"""Labels that no service tells: Prometheus adds them."""


def scraped(engine: RunningEngine) -> Mapping[str, list[dict[str, str]]]:
    """Return the labels of every sample of every service, by name."""
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for service in SERVICES:
        port = getattr(engine.engine.settings, f"{service}_port")
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).raise_for_status().text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name].append(sample.labels)
    return found


def unanswered(query: str, samples: Mapping[str, list[dict[str, str]]]) -> set[str]:
    """Return the metrics of a query that no sample has with the labels asked for."""
    needed = groups(query) - BY_PROMETHEUS
    return {
        name
        for name, labels in selectors(query)
        if not any(
            needed <= sample.keys()
            and all(sample.get(label) == CHOSEN.get(value, value) for label, value in labels.items())
            for sample in samples.get(name, [])
        )
    }


def test_every_panel_has_something_to_show(engine: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "applications.csv"
    with (engine.data / "application_test.csv").open() as source:
        file.write_text("".join(islice(source, 1001)))
    replay = engine.run("services.replay", "--file", str(file))
    assert replay.returncode == 0, replay.stdout + replay.stderr

    def answered() -> bool:
        samples = scraped(engine)
        return not any(unanswered(query, samples) for query in queries())

    wait_for(answered, seconds=60, what=f"samples for all of {queries()}")
