"""What the stream loop writes on a dead letter is what the contract says."""

from datetime import UTC, datetime

from services.contracts.headers import DEAD_LETTER_HEADERS
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, TOPICS
from services.kit.dead_letters import DeadLetterOffice
from services.kit.fetched import LARGEST_RECORD
from services.kit.records import UNREADABLE, Partition, Record


def test_a_dead_letter_has_the_headers_of_the_contract() -> None:
    own = (("ce_id", b"1"),)
    record = Record(Partition(APPLICATIONS.name, 2), 40917, 0, b"key", b"{", own)
    office = DeadLetterOffice(DEAD_LETTERS.name, "feature", lambda: datetime(2026, 3, 31, tzinfo=UTC))
    letter = office.letter(record, "value: is not JSON")
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS.name, record.key, record.value)
    assert letter.headers[:1] == own
    always = {header.name for header in DEAD_LETTER_HEADERS if header.always}
    assert {name for name, _ in letter.headers[1:]} == always


def test_a_record_that_stands_for_what_could_not_be_read_gives_its_own_reason() -> None:
    said = (UNREADABLE, b"a batch does not unpack")
    record = Record(Partition(APPLICATIONS.name, 2), 40917, 0, None, b"a batch does not unpack", (said,))
    letter = DeadLetterOffice(DEAD_LETTERS.name, "feature", lambda: datetime(2026, 3, 31, tzinfo=UTC)).letter(
        record, "value: is not JSON"
    )
    assert dict(letter.headers)["octroi_error"] == said[1]
    assert said not in letter.headers


def test_whatever_is_read_can_become_a_dead_letter() -> None:
    assert max(topic.largest_record for topic in TOPICS) == DEAD_LETTERS.largest_record
    assert DEAD_LETTERS.largest_record > LARGEST_RECORD >= APPLICATIONS.largest_record
