"""What transactions ask of aiokafka's producer, and it has no public way to."""

from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import IllegalOperation, KafkaError, NodeNotReadyError
from aiokafka.protocol.transaction import EndTxnRequest, TxnOffsetCommitRequest

from services.kit.producer import drop_unsent

COMMITS = (EndTxnRequest, TxnOffsetCommitRequest)


def ask_once(owner: AIOKafkaProducer) -> None:
    """End a producer when the answer to a commit is lost; the client would send it a second time.

    Its first copy, on a connection that was cut, could come after the second one and end the transaction
    that was begun meanwhile, or set its offset. Who comes next has a new epoch, and Kafka refuses the copy.
    """
    client, manager = owner.client, owner._txn_manager  # noqa: SLF001
    send = client.send

    async def send_once(node: int, request: Any, **options: Any) -> Any:  # noqa: ANN401 - as it is there
        try:
            return await send(node, request, **options)
        except NodeNotReadyError:
            # Nothing was sent.
            raise
        except KafkaError as error:
            if isinstance(request, COMMITS):
                manager.fatal_error(error)
                # It is told by what was asked for; nobody else need ask.
                manager.wait_for_transaction_end().exception()
            raise

    client.send = send_once


def drop_what_waits(owner: AIOKafkaProducer) -> None:
    """Let nothing more be sent once a transaction is given up.

    The client forgets which partitions were not announced yet, and would then send to them what waits for
    that: where Kafka does not verify it, it stays open in a partition that no abort reaches. We never go on
    with such a producer.
    """
    manager = owner._txn_manager  # noqa: SLF001
    add = manager.maybe_add_partition_to_txn

    def giving_up(fail: Callable[[Exception], None]) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            drop_unsent(owner, error)
            fail(error)

        return failed

    def added(target: TopicPartition) -> None:
        if not manager.is_in_transaction():
            raise IllegalOperation("the transaction has ended")
        add(target)

    manager.fatal_error = giving_up(manager.fatal_error)
    manager.error_transaction = giving_up(manager.error_transaction)
    # What waited for room would find out by an assertion.
    manager.maybe_add_partition_to_txn = added


def announce_partitions(owner: AIOKafkaProducer, targets: Iterable[TopicPartition]) -> None:
    """Announce partitions that the transaction just begun will write to."""
    for target in targets:
        owner._txn_manager.maybe_add_partition_to_txn(target)  # noqa: SLF001


async def require_begun(owner: AIOKafkaProducer) -> None:
    """Raise what has ended a transaction while nobody looked at it."""
    manager = owner._txn_manager  # noqa: SLF001
    if not manager.is_in_transaction():
        await manager.wait_for_transaction_end()
