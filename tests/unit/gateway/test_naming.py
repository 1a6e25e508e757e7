from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.gateway.naming import name_application, new_application_id

NOW = datetime(2026, 4, 1, 12, 30, 15, 123_999, tzinfo=UTC)


def test_a_new_id_is_a_uuid_of_version_7() -> None:
    made = UUID(new_application_id(NOW))
    assert (made.version, made.variant) == (7, UUID(int=0b10 << 62).variant)
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_stand_in_the_order_of_time() -> None:
    made = [new_application_id(NOW + timedelta(milliseconds=passed)) for passed in range(200)]
    assert made == sorted(made)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_application_id(NOW) for _ in range(1000)}) == 1000


def test_an_idempotency_key_names_the_application_of_its_caller() -> None:
    assert name_application("given", "front:key") == "given"
    assert name_application(None, None) is None
    # Requests from before an upgrade are repeated after it.
    assert name_application(None, "front:key") == "7fd99b50-9a5c-530e-96a8-371f5888a080"
    assert name_application(None, "front:key:3") == "30bfd870-0851-5adc-8f6a-e9d04a0ed39c"
