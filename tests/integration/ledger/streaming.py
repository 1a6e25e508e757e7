"""The ledger as it runs, and what others put on its topics."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaProducer

from services.kit.records import Record


async def publish(bootstrap: str, records: Iterable[Record]) -> None:
    """Send records to their topics; Kafka gives them offsets of its own."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for record in records:
            await producer.send(
                record.partition.topic, record.value, key=record.key, headers=list(record.headers)
            )


@contextmanager
def running_ledger(
    bootstrap: str, database: str, port: int, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service; at the end it is told to stop and must do so in order, unless it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.ledger"],
        env={
            **os.environ,
            "DATABASE_URL": database,
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "OCTROI_PROBE_PORT": str(port),
            **settings,
        },
    )
    try:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process as a crash does."""
    process.kill()
    process.wait()
