import pytest
from aiokafka import AIOKafkaProducer

from services.contracts.examples import SMALLEST_APPLICATION
from services.replay.sending import send_all
from services.scorecard.table import TableError


@pytest.mark.parametrize("cell", ["AMT_CREDIT", "SK_ID_CURR"])
async def test_a_row_that_breaks_the_contract_is_named_and_nothing_is_sent(cell: str) -> None:
    producer, reported = AIOKafkaProducer(), list[str]()
    rows = [SMALLEST_APPLICATION, {**SMALLEST_APPLICATION, cell: -987_654.5}]
    try:
        with pytest.raises(TableError, match=f"application.{cell}: .*; correct the cell"):
            await send_all(producer, rows, "run", rate=None, on_sent=reported.extend)
    finally:
        await producer.stop()
    assert reported == []
