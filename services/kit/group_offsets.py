"""How far a consumer group has read, for those who are no members of it."""

from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from services.kit.errors import UnavailableError


async def group_offsets(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, int]:
    """Return the next offset of each partition in which the group has committed one.

    Raises UnavailableError where this Kafka does not tell it, as the stand-in in memory; KafkaError.
    """
    coordinator = await admin.find_coordinator(group)
    # The client's own method takes an answer that is an error for a group that has committed nothing.
    answer = await admin._send_request(OffsetFetchRequest(group, None), coordinator)  # noqa: SLF001
    if answer.error_code != 0:
        raise for_code(answer.error_code)(f"the offsets of {group}")
    if answer.topics is None:
        raise UnavailableError(f"this Kafka does not tell what {group} has committed")
    return {
        TopicPartition(topic, number): offset
        for topic, partitions in answer.topics
        for number, offset, _, _ in partitions
    }
