"""What outcomes say of decisions, as the ledger joins them."""

import numpy as np
import pytest

from services.kit.database import Database
from services.monitoring.measurements import FEWEST_ROWS, about
from services.monitoring.realised import judged, realised
from services.scorecard.bundle import Costs
from services.scorecard.performance import business_score, ranking, separation
from tests.integration.monitoring.ledger_rows import loans_of, write_to_ledger
from tests.unit.ledger.records import decision_record, outcome_record

pytestmark = pytest.mark.postgres
COSTS = Costs(false_negative=10, false_positive=1)


async def test_there_is_nothing_to_tell_before_an_outcome_is_known(
    database: Database, database_url: str
) -> None:
    await write_to_ledger(database_url, [decision_record("web-1")])
    assert await realised(database, "7", COSTS) == {"model_version": "7", "outcomes": 0}


async def test_the_figures_are_those_of_decisions_with_outcomes(
    database: Database, database_url: str
) -> None:
    random = np.random.default_rng(1)
    probabilities = random.uniform(0.01, 0.5, 200)
    defaulted, refused = random.random(200) < probabilities, probabilities >= 0.4
    records = []
    for number, probability in enumerate(probabilities.tolist()):
        name, outcome = f"web-{number}", "refused" if refused[number] else "approved"
        changes = {"probability_of_default": probability, "outcome": outcome, "score": 600 + number % 3 * 50}
        records.append(decision_record(name, number, **changes))
        loan = "defaulted" if defaulted[number] else "repaid"
        records.append(outcome_record(name, loan, "2026-05-30T09:30:00Z", number))
    await write_to_ledger(database_url, [*records, decision_record("web-open", 200)])
    told = await realised(database, "7", COSTS)
    assert told["outcomes"] == 200
    assert told["default_rate"] == pytest.approx(defaulted.mean())
    assert told["median_delay_days"] == pytest.approx(60, abs=0.01)
    assert told["auc"] == pytest.approx(ranking(separation(defaulted, probabilities))["auc"])
    assert told["business_score"] == pytest.approx(business_score(defaulted, refused, COSTS))
    assert [(band["from"], band["to"], band["rows"]) for band in told["bands"]] == [
        (600, 650, 67),
        (650, 700, 67),
        (700, 750, 66),
    ]
    assert sum(each["rows"] for each in told["calibration"]) == 200


async def test_outcomes_of_one_kind_have_no_ranking(database: Database, database_url: str) -> None:
    await write_to_ledger(
        database_url, [decision_record("web-1"), outcome_record("web-1", "repaid", "2026-05-30T09:30:00Z")]
    )
    told = await realised(database, "7", COSTS)
    assert (told["outcomes"], told["default_rate"], told["auc"], told["calibration"]) == (1, 0, None, [])


async def test_the_figures_are_of_decisions_by_one_version(database: Database, database_url: str) -> None:
    records = [*loans_of("7", upside_down=True, rows=40), *loans_of("8", upside_down=False, rows=30)]
    await write_to_ledger(database_url, records)
    former, present = [await realised(database, version, COSTS) for version in ("7", "8")]
    assert (former["model_version"], former["outcomes"], former["auc"]) == ("7", 40, 0)
    assert (present["model_version"], present["outcomes"], present["auc"]) == ("8", 30, 1)
    for told in (former, present):
        assert sum(band["rows"] for band in told["bands"]) == told["outcomes"]
        assert sum(each["rows"] for each in told["calibration"]) == told["outcomes"]
    assert await realised(database, "9", COSTS) == {"model_version": "9", "outcomes": 0}


@pytest.mark.parametrize(("rows", "auc"), [(FEWEST_ROWS - 1, None), (FEWEST_ROWS, 1)])
async def test_rules_wait_for_enough_outcomes(
    database: Database, database_url: str, rows: int, auc: float | None
) -> None:
    await write_to_ledger(database_url, loans_of("8", upside_down=False, rows=rows))
    known = await realised(database, "8", COSTS)
    assert known["auc"] == 1
    found = judged(known)
    assert found.keys() == {about("performance.auc"), about("performance.business_score")}
    assert found[about("performance.auc")] == auc
