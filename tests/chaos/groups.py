"""The engine's consumer groups: whether each has gone on."""

from collections.abc import Mapping
from time import monotonic, sleep

from confluent_kafka import Consumer, KafkaException, TopicPartition

from services.contracts.topics import APPLICATIONS, DECISIONS, FEATURES
from tests.engine import RunningEngine

READ = {
    "feature": (APPLICATIONS.name,),
    "scoring": (FEATURES.name,),
    "ledger": (APPLICATIONS.name, DECISIONS.name),
    "monitoring": (FEATURES.name, DECISIONS.name),
}
"""The topics of the load, by who reads them."""
SECONDS = 20.0
"""Until a broker has answered."""
LOOK_EVERY = 0.1


class Groups:
    """Asks how far each group has come, as none of its members."""

    def __init__(self, engine: RunningEngine) -> None:
        settings = {"bootstrap.servers": engine.bootstrap, "enable.auto.commit": False, "log_level": 0}
        self._clients = {name: Consumer({**settings, "group.id": f"octroi-{name}"}) for name in READ}

    def standing(self, within: float) -> tuple[str, ...]:
        """Return the groups that do not come, in so many seconds, to where the topics end now.

        Applications must go on coming: a group commits where it has read to, short of Kafka's own marks.
        """
        deadline = monotonic() + within
        ends = {topic: self._ends(topic) for topic in {each for topics in READ.values() for each in topics}}
        waiting = set(READ)
        while waiting and monotonic() < deadline:
            waiting = {name for name in waiting if self._is_behind(name, ends)}
            if waiting:
                sleep(LOOK_EVERY)
        return tuple(sorted(waiting))

    def close(self) -> None:
        """End."""
        for client in self._clients.values():
            client.close()

    def _ends(self, topic: str) -> Mapping[int, int]:
        client = self._clients["ledger"]
        partitions = client.list_topics(topic, SECONDS).topics[topic].partitions
        return {
            number: client.get_watermark_offsets(TopicPartition(topic, number), SECONDS)[1]
            for number in partitions
        }

    def _is_behind(self, name: str, ends: Mapping[str, Mapping[int, int]]) -> bool:
        targets = [TopicPartition(topic, number) for topic in READ[name] for number in ends[topic]]
        try:
            committed = self._clients[name].committed(targets, SECONDS)
        except KafkaException:
            return True
        return any(place.offset < ends[place.topic][place.partition] for place in committed)
