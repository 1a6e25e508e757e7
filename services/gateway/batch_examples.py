"""Examples of batches: invented applicants."""

from datetime import UTC, datetime
from typing import Final

from services.gateway.batch_resources import BatchError, BatchErrors, BatchList, BatchResource, ScoreBand

ID: Final = "b-4f7d2c5e0f9b4f0c9c0a5d1e7b3a6c21"
FILE: Final = (
    "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,AMT_ANNUITY,DAYS_BIRTH,EXT_SOURCE_2\n"
    "700417,171000.0,512000.0,27300.0,-14235,0.64\n"
    "700418,96000.0,150000.0,,-10950,\n"
)
RESULTS: Final = (
    "row,application_id,SK_ID_CURR,outcome,probability_of_default,score,reasons,error\n"
    f"1,{ID}.00000001,700417,approved,0.0412,641,External credit scores are good,\n"
    "2,,,,,,,AMT_CREDIT: Input should be greater than 0\n"
)


def running() -> BatchResource:
    """Return a batch in the middle of its work."""
    return BatchResource(
        batch_id=ID,
        name="branch 12, March",
        state="running",
        rows=10_000,
        handed_in=4_500,
        decided=4_120,
        approved=3_310,
        refused=780,
        review=30,
        invalid=12,
        created_at=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
        score_histogram=(ScoreBand(from_=625, to=650, approved=410, refused=0, review=3),),
    )


def cancelled() -> BatchResource:
    """Return the same batch, cancelled."""
    end = datetime(2026, 3, 31, 9, 31, tzinfo=UTC)
    return running().model_copy(update={"state": "cancelled", "finished_at": end})


def listed() -> BatchList:
    """Return a list of one batch."""
    return BatchList(batches=(running().model_copy(update={"score_histogram": None}),))


def errors() -> BatchErrors:
    """Return what is wrong with a row."""
    message = "Input should be greater than 0 (allowed: number above 0, at most 10000000000)"
    return BatchErrors(errors=(BatchError(row=2, field="AMT_CREDIT", message=message),))
