"""What is otherwise about a topic than it was asked for, and how it is put right."""

from dataclasses import replace

import pytest

from infra.kafka.layouts import Difference, Layout, differences
from infra.kafka.topics import TopicSettings, layout
from services.contracts.topics import APPLICATIONS, CATALOGUES, TOPICS, Topic

SETTINGS = TopicSettings(partitions=4)
COPIES = 3


def told(topic: Topic, found: Layout) -> list[Difference]:
    return list(differences(topic.name, layout(topic, SETTINGS, COPIES), found))


def with_setting(topic: Topic, name: str, value: str) -> Layout:
    asked = layout(topic, SETTINGS, COPIES)
    return replace(asked, configuration={**asked.configuration, name: value})


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.name for topic in TOPICS])
def test_a_topic_that_is_as_it_is_made_differs_in_nothing(topic: Topic) -> None:
    asked = layout(topic, SETTINGS, COPIES)
    # A cluster tells of all settings.
    found = replace(asked, configuration={**asked.configuration, "flush.ms": "1"})
    assert told(topic, found) == []


def test_more_partitions_and_copies_are_as_good() -> None:
    asked = layout(APPLICATIONS, SETTINGS, COPIES)
    assert told(APPLICATIONS, replace(asked, partitions=6, copies=5)) == []


def test_fewer_are_told_with_the_setting_that_asks_for_them_and_lose_nothing() -> None:
    asked = layout(APPLICATIONS, SETTINGS, COPIES)
    partitions, copies = told(APPLICATIONS, replace(asked, partitions=1, copies=2))
    assert str(partitions).startswith(f"{APPLICATIONS.name}: partitions are 1, not 4: ")
    assert "OCTROI_TOPIC_PARTITIONS" in partitions.cure
    assert f"--topic {APPLICATIONS.name} --partitions 4" in partitions.cure
    assert str(copies).startswith(f"{APPLICATIONS.name}: copies are 2, not 3: ")
    assert "OCTROI_TOPIC_MOST_COPIES" in copies.cure
    assert not partitions.loses_records
    assert not copies.loses_records


@pytest.mark.parametrize(
    ("topic", "policy"),
    [(CATALOGUES, "delete"), (CATALOGUES, "compact,delete"), (APPLICATIONS, "compact")],
    ids=["not compacted", "removed as well", "compacted"],
)
def test_another_way_of_cleaning_up_loses_records(topic: Topic, policy: str) -> None:
    [difference] = told(topic, with_setting(topic, "cleanup.policy", policy))
    meant = topic.configuration()["cleanup.policy"]
    assert difference.loses_records
    assert f"cleanup.policy is {policy}, not {meant}" in str(difference)
    assert difference.cure.endswith(f"--entity-name {topic.name} --add-config cleanup.policy={meant}")


def test_what_an_operator_has_chosen_is_told_and_loses_nothing() -> None:
    [difference] = told(APPLICATIONS, with_setting(APPLICATIONS, "retention.ms", "86400000"))
    assert not difference.loses_records
    assert "retention.ms is 86400000, not 2592000000" in str(difference)
