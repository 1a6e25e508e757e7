import json
from hashlib import sha256
from importlib.resources import files

import pytest
import zstandard

from services.contracts.examples import EXAMPLES, SMALLEST_APPLICATION
from services.kit.packing import NEWEST, packer, unpacked

RELEASED = {"32769.zdict": "63ba052af382b6a92f63ce26eb374a7f48809183070fc80d3c14a174becec73b"}
"""What was written with one can be read for as long as it stays as it is."""
COMPLETE = json.dumps(EXAMPLES["LoanApplicationSubmitted.v1"][0]).encode()


@pytest.mark.parametrize(
    "value",
    [COMPLETE, json.dumps(SMALLEST_APPLICATION).encode(), b"", b"\x00\xff no JSON at all", b"1" * 300_000],
    ids=["complete", "smallest", "empty", "bytes", "long"],
)
def test_what_is_packed_comes_back(value: bytes) -> None:
    assert unpacked(packer()(value)) == value


def test_an_application_takes_less_than_half_of_what_it_does_alone() -> None:
    alone = zstandard.compress(COMPLETE, 1)
    assert len(packer()(COMPLETE)) < len(alone) / 2


def test_what_was_packed_before_there_was_a_dictionary_is_read() -> None:
    assert unpacked(zstandard.compress(COMPLETE, 1)) == COMPLETE


def test_what_does_not_say_its_size_is_read() -> None:
    assert unpacked(zstandard.ZstdCompressor(write_content_size=False).compress(COMPLETE)) == COMPLETE


def test_a_dictionary_of_a_later_version_is_named() -> None:
    later = zstandard.train_dictionary(1024, [COMPLETE + bytes([n]) * 9 for n in range(200)], dict_id=40_000)
    with pytest.raises(LookupError, match="dictionary 40000 is unknown"):
        unpacked(zstandard.ZstdCompressor(dict_data=later).compress(COMPLETE))


def test_dictionaries_stay_as_they_were_released() -> None:
    folder = files("services.kit") / "dictionaries"
    assert {each.name: sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()} == RELEASED
    assert f"{NEWEST}.zdict" in RELEASED
