"""Topics that get more partitions."""

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from tests.integration.kit.waiting import until


async def grow(bootstrap: str, partitions: int, *topics: str) -> None:
    """Give topics so many partitions, and return when the broker tells of them.

    The controller has them a moment before, and producers take what they do not know of for a mistake.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_partitions({topic: NewPartitions(partitions) for topic in topics})

        async def told() -> bool:
            described = await admin.describe_topics(list(topics))
            return all(len(topic["partitions"]) == partitions for topic in described)

        await until(told)
    finally:
        await admin.close()
