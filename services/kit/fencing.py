"""One owner of a partition: how the former one is kept out, and when the committed offset can be trusted."""

from aiokafka import AIOKafkaProducer, TopicPartition

from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.producer import producer
from services.kit.records import Partition
from services.kit.stream_settings import StreamSettings
from services.kit.transactions import ask_once, drop_what_waits


def sole_producer(
    group: str, partition: Partition, kafka: KafkaSettings, settings: StreamSettings
) -> AIOKafkaProducer:
    """Return the transactional producer of a group's partition, not started: Kafka lets one live."""
    transactional_id = f"{group}.{partition.topic}.{partition.number}"
    owner = producer(kafka, settings, transactional_id=transactional_id)
    ask_once(owner)
    drop_what_waits(owner)
    return owner


async def take_over(owner: AIOKafkaProducer, group: str, partition: Partition, kafka: KafkaSettings) -> None:
    """Start the producer, which fences the former owner, and make the group's coordinator write.

    A coordinator that has just started, or is still reading its log, answers a question with what it knew
    long ago, or with nothing at all. It notices when it writes, and reads its log again; so an offset is
    written in a transaction and taken back. (The question has a flag for this, `require_stable`, that the
    client cannot send.)
    """
    await connect(owner, kafka)
    await owner.begin_transaction()
    await owner.send_offsets_to_transaction({TopicPartition(*partition): 0}, group)
    await owner.abort_transaction()
