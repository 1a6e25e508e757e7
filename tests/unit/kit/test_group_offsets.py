"""An answer that is an error, which a broker gives in moments that no test can bring about."""

import pytest
from aiokafka.errors import GroupLoadInProgressError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from services.kit.group_offsets import group_offsets


class Loading:
    """The client of a broker that has just become the group's coordinator, and still reads what it knows."""

    async def find_coordinator(self, group: str) -> int:
        del group
        return 1

    async def _send_request(self, request: object, node: int) -> OffsetFetchResponse_v3:
        del request, node
        return OffsetFetchResponse_v3(0, [], GroupLoadInProgressError.errno)


async def test_an_error_is_not_taken_for_a_group_that_has_read_nothing() -> None:
    with pytest.raises(GroupLoadInProgressError):
        await group_offsets(Loading(), "octroi-ledger")
