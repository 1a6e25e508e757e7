"""What the stream loop writes on a dead letter is what the contract says."""

from datetime import UTC, datetime

from services.contracts.headers import DEAD_LETTER_HEADERS
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, TOPICS
from services.kit.codecs import LARGEST_UNPACKED
from services.kit.dead_letters import DeadLetterOffice
from services.kit.records import Partition, Record


def test_a_dead_letter_has_the_headers_of_the_contract() -> None:
    own = (("ce_id", b"1"),)
    record = Record(Partition(APPLICATIONS.name, 2), 40917, 0, b"key", b"{", own)
    office = DeadLetterOffice(DEAD_LETTERS.name, "feature", lambda: datetime(2026, 3, 31, tzinfo=UTC))
    letter = office.letter(record, "value: is not JSON")
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS.name, record.key, record.value)
    assert letter.headers[:1] == own
    assert {name for name, _ in letter.headers[1:]} == {header.name for header in DEAD_LETTER_HEADERS}


def test_a_batch_may_hold_the_largest_record_that_a_topic_takes() -> None:
    assert max(topic.largest_record for topic in TOPICS) == LARGEST_UNPACKED
