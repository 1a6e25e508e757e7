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
Ends = Mapping[tuple[str, int], int]
"""By topic and partition."""


class Groups:
    """Asks how far each group has come, as none of its members."""

    def __init__(self, engine: RunningEngine) -> None:
        settings = {
            "bootstrap.servers": engine.bootstrap,
            "enable.auto.commit": False,
            "reconnect.backoff.max.ms": 500,
            "log_level": 0,
        }
        self._clients = {name: Consumer({**settings, "group.id": f"octroi-{name}"}) for name in READ}
        topics = {topic for every in READ.values() for topic in every}
        self._targets = {topic: self._partitions(topic) for topic in topics}

    def standing(self, within: float) -> tuple[str, ...]:
        """Return the groups that do not come, in so many seconds, to where the topics end now.

        Applications must go on coming: a group commits where it has read to, short of Kafka's own marks.
        """
        deadline = monotonic() + within
        while (ends := self._ends()) is None and monotonic() < deadline:
            sleep(LOOK_EVERY)
        waiting = set(READ)
        while waiting and ends is not None and monotonic() < deadline:
            waiting = {name for name in waiting if self._is_behind(name, ends)}
            if waiting:
                sleep(LOOK_EVERY)
        return tuple(sorted(waiting))

    def close(self) -> None:
        """End."""
        for client in self._clients.values():
            client.close()

    def _partitions(self, topic: str) -> list[TopicPartition]:
        known = self._clients["ledger"].list_topics(topic, SECONDS).topics[topic].partitions
        assert known, f"{topic} has no partitions"
        return [TopicPartition(topic, number) for number in known]

    def _ends(self) -> Ends | None:
        """Return where the topics end now; None while Kafka cannot say."""
        client = self._clients["ledger"]
        try:
            return {
                (target.topic, target.partition): client.get_watermark_offsets(target, SECONDS)[1]
                for targets in self._targets.values()
                for target in targets
            }
        except KafkaException:
            return None

    def _is_behind(self, name: str, ends: Ends) -> bool:
        targets = [target for topic in READ[name] for target in self._targets[topic]]
        try:
            committed = self._clients[name].committed(targets, SECONDS)
        except KafkaException:
            return True
        # A partition that nobody has committed in has an offset below 0.
        return any(max(place.offset, 0) < ends[place.topic, place.partition] for place in committed)
