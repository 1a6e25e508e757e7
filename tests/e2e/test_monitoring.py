"""Monitoring on the whole engine: each decision counted once, drift found, dead letters sent again."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import psycopg
import pytest
from confluent_kafka import Message
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from services.kit.registry import Registry
from services.scorecard.bundle import Bundle, from_files
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import cells_of, columns_of_batch, read_batches
from tests.e2e.following import Outsider, headers_of, query, wait_for
from tests.e2e.test_crashes import decided, passed, replaying, runs_anew
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]

APPLICATIONS = "loan.applications.v1"
FEATURES = "loan.features.v1"
DECISIONS = "loan.decisions.v1"
DEAD_LETTERS = "loan.dead-letters.v1"
CHANNEL = "partner"
"""No other test hands in by it: its segment has the rows of this file alone."""
REPLAYED = 1200
THRESHOLD = 0.1
FEW_VALUES = 5
"""Up to so many different numbers are compared as categories are."""
BINNING = 0.02
"""What bins may make of a distance; a feature as near as this to the threshold may be on either side."""


def ask(engine: RunningEngine, path: str, **parameters: str) -> dict[str, Any]:
    answer = httpx.get(f"{engine.monitoring}{path}", params=parameters, timeout=30)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def counted(engine: RunningEngine, topic: str) -> Counter[str]:
    """Return how many rows all blocks of each segment hold; nothing while PostgreSQL is away."""
    total = "SELECT segment, sum(rows)::integer FROM monitoring.blocks WHERE topic = %s GROUP BY segment"
    with suppress(psycopg.OperationalError):
        return Counter(dict(query(engine, total, topic)))
    return Counter()


def has_counted(engine: RunningEngine, topic: str, segment: str, rows: int) -> bool:
    return counted(engine, topic)[segment] >= rows


def segments_of(events: Sequence[dict[str, Any]]) -> Counter[str]:
    """Return how many events each segment should have: what one does not tell, it is in no segment of."""
    segments = Counter(all=len(events))
    for event in events:
        if channel := event.get("channel"):
            segments[channel if channel in {"branch", "web", CHANNEL} else "other"] += 1
        if contract := event.get("contract_type"):
            known = contract in {"Cash loans", "Revolving loans"}
            segments[f"contract:{contract if known else 'other'}"] += 1
    return segments


@pytest.mark.parametrize("program", ["monitoring", "postgres"])
def test_each_decision_is_counted_once_whatever_is_killed(engine: RunningEngine, program: str) -> None:
    topic = Outsider(engine)
    before = len(topic.values(DECISIONS))
    known = decided(engine)
    replay = replaying(engine, REPLAYED)
    # At the second, all may be decided before what was killed is at work again.
    counting = partial(has_counted, engine, DECISIONS, "all", before + REPLAYED // 4)
    deciding = partial(passed, engine, known + REPLAYED // 2)
    for reached in (counting, deciding):
        wait_for(reached, seconds=90, what="counts and decisions under load")
        gone = {0, engine.pids()[program]}
        engine.kill(program)
        wait_for(partial(runs_anew, engine, program, gone), seconds=60, what=f"{program} started again")
    output, _ = replay.communicate(timeout=120)
    assert replay.returncode == 0, output

    decisions = topic.values(DECISIONS)
    assert len(decisions) == before + REPLAYED
    reached = partial(has_counted, engine, DECISIONS, "all", len(decisions))
    wait_for(reached, seconds=60, what="all decisions counted")
    assert counted(engine, DECISIONS) == segments_of(decisions)
    reached = partial(has_counted, engine, FEATURES, "all", len(decisions))
    wait_for(reached, seconds=60, what="all vectors counted")
    assert counted(engine, FEATURES) == segments_of(topic.values(FEATURES))
    wait_for(lambda: is_at_rest(engine), seconds=60, what="no stage behind at rest")


def is_at_rest(engine: RunningEngine) -> bool:
    with suppress(httpx.TransportError):
        return {stage["lag"] for stage in ask(engine, "/v1/pipeline")["stages"]} == {0}
    return False


def test_drift_of_the_test_file_is_found_where_the_values_themselves_have_moved(
    engine: RunningEngine, tmp_path: Path
) -> None:
    bundle = bundle_of_champion(engine)
    matrix, records = rows_handed_in(with_other_instalments(engine, tmp_path), bundle)
    Outsider(engine).send(APPLICATIONS, *records)

    def told() -> dict[str, Any]:
        answer = httpx.get(
            f"{engine.monitoring}/v1/summary", params={"window": "24h", "segment": CHANNEL}, timeout=30
        )
        summary: dict[str, Any] = answer.json() if answer.status_code == 200 else {"rows": 0}
        return summary

    wait_for(lambda: told()["rows"] >= len(records), seconds=60, what="a tick with all rows of the channel")
    summary = told()
    assert summary["rows"] == len(records)
    expected = native_distances(bundle, matrix)
    found = {feature["name"]: feature["distance"] for feature in summary["features"]}
    assert found == pytest.approx(expected, abs=BINNING)
    clear = {name for name, distance in expected.items() if abs(distance - THRESHOLD) > BINNING}
    drifted = {feature["name"] for feature in summary["features"] if feature["drifted"]}
    assert drifted & clear == {name for name in clear if expected[name] > THRESHOLD}
    assert drifted & clear
    history = ask(engine, "/v1/history", window="24h", segment=CHANNEL)
    assert history["drifted"][-1] == len(drifted)


def bundle_of_champion(engine: RunningEngine) -> Bundle:
    with httpx.Client(base_url=engine.environment["MLFLOW_TRACKING_URI"], timeout=30) as client:
        registry = Registry(client, "octroi-scorecard")
        return from_files(registry.bundle_files(registry.aliases()["champion"]))


def with_other_instalments(engine: RunningEngine, folder: Path) -> Path:
    """Write the test file anew with higher instalments: the sample's own rows are of the same population."""
    file = folder / "moved.csv"
    with (engine.data / "application_test.csv").open() as source, file.open("w", newline="") as target:
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or ())
        writer.writeheader()
        writer.writerows({**row, "AMT_ANNUITY": raised(row["AMT_ANNUITY"])} for row in rows)
    return file


def raised(instalment: str) -> str:
    return instalment and str(float(instalment) * 1.2)


def rows_handed_in(file: Path, bundle: Bundle) -> tuple[NDArray[np.float32], list[bytes]]:
    """Return the monitored features of a file's rows, and the rows as events of the channel."""
    catalogue = standard_catalogue()
    places = [list(catalogue.names).index(feature.name) for feature in bundle.reference_profile.features]
    batches = list(read_batches(file))
    matrix = np.concatenate([catalogue.compute(columns_of_batch(batch))[:, places] for batch in batches])
    run = uuid4().hex
    rows = (cells for batch in batches for cells in cells_of(batch))
    events = [
        {"application_id": f"{run}-{number}", "channel": CHANNEL, "application": cells}
        for number, cells in enumerate(rows)
    ]
    return matrix, [json.dumps(event).encode() for event in events]


def native_distances(bundle: Bundle, matrix: NDArray[np.float32]) -> dict[str, float]:
    """Return each monitored feature's distance from the values themselves, without bins."""
    reference = np.load(BytesIO(bundle.reference))
    labelled = {feature.name for feature in bundle.reference_profile.features if feature.labels}
    names = [feature.name for feature in bundle.reference_profile.features]
    return {
        name: distance_of(name in labelled, *(rows[:, place].astype(float) for rows in (reference, matrix)))
        for place, name in enumerate(names)
    }


def distance_of(is_category: bool, reference: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    reference, now = (values[~np.isnan(values)] for values in (reference, now))
    if not is_category and len(np.unique(reference)) > FEW_VALUES:
        return float(wasserstein_distance(reference, now) / max(reference.std(), 0.001))
    values = np.unique(np.concatenate([reference, now]))
    shares = ([float(np.mean(part == value)) for value in values] for part in (reference, now))
    return float(jensenshannon(*shares))


def test_a_dead_letter_is_sent_again_byte_for_byte_by_who_may(engine: RunningEngine) -> None:
    name, topic = f"broken-{uuid4().hex}", Outsider(engine)
    value = json.dumps({"application_id": name, "application": {"AMT_CREDIT": "a lot"}}).encode() + b"  \n"
    topic.send(APPLICATIONS, value)

    def letters() -> list[dict[str, Any]]:
        listed = ask(engine, "/v1/dead-letters")["dead_letters"]
        return [letter for letter in listed if letter["application_id"] == name]

    def sent(where: str) -> list[Message]:
        return [message for message in topic.all_of(where) if message.value() == value]

    wait_for(lambda: len(letters()) == 1, seconds=60, what="the dead letter at the page")
    (letter,) = letters()
    place = "/".join(str(letter[part]) for part in ("topic", "partition", "offset"))
    again = f"{engine.monitoring}/v1/dead-letters/{place}/replay"
    assert httpx.post(again, timeout=30).status_code == 401
    assert len(sent(APPLICATIONS)) == 1
    answer = httpx.post(again, headers={"X-API-Key": engine.api_key}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"sent_to": APPLICATIONS})
    first, second = sent(APPLICATIONS)
    assert (second.key(), headers_of(second)) == (first.key(), headers_of(first))
    # It is still broken, and so it is refused again.
    wait_for(lambda: len(letters()) == 2, seconds=60, what="the second dead letter at the page")
    assert len(sent(DEAD_LETTERS)) == 2
