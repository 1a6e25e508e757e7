"""Giving rights by Kafka's own protocol, for clusters where its command-line tools are not at hand."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from infra.kafka.rights import Access, Right
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect

LITERAL: Final = 3
PREFIXED: Final = 4
ALLOW: Final = 3
ANY_HOST: Final = "*"
WITHIN_SECONDS: Final = 30


async def grant(kafka: KafkaSettings, accesses: Sequence[tuple[str, Access]]) -> int:
    """Give each principal its rights and return how many they are; those that it has already stay.

    Raises KafkaError, TimeoutError, and LoginError where Kafka does not let us in.
    """
    admin = AIOKafkaAdminClient(**kafka.client())
    requests = list(_requests(accesses))
    async with asyncio.timeout(WITHIN_SECONDS):
        try:
            await connect(admin, kafka)
            for request in requests:
                # The library has this request, and no method that sends it.
                answer = await admin._send_request(request)  # noqa: SLF001
                for code, message in answer.creation_responses:
                    if code != 0:
                        raise for_code(code)(message)
        finally:
            await admin.close()
    return len(requests)


def _requests(accesses: Sequence[tuple[str, Access]]) -> Iterator[CreateAclsRequest]:
    for principal, access in accesses:
        yield from (_request(principal, right) for right in access.rights())


def _request(principal: str, right: Right) -> CreateAclsRequest:
    pattern = PREFIXED if right.prefixed else LITERAL
    return CreateAclsRequest(right.kind, right.name, pattern, principal, ANY_HOST, right.operation, ALLOW)
