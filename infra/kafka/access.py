"""What each service may do in Kafka, and nothing else: `python -m infra.kafka.access --help`.

Every service logs in as a user of its own. Kafka's own list of rights is made from the table here, by hand or
by this program, as a user who may alter the cluster.
"""

import asyncio
import logging
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Final

from infra.kafka.granting import grant
from infra.kafka.rights import Access, Kind, Operation
from services.contracts.topics import (
    ALERTS,
    APPLICATIONS,
    CATALOGUES,
    DEAD_LETTERS,
    DECISIONS,
    FEATURES,
    OUTCOMES,
    TOPICS,
    TRIAL_DECISIONS,
    TRIALS,
)
from services.kit.environment import exit_code_of, read
from services.kit.errors import FatalError, UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings, group_of

TOOL: Final = "kafka-acls.sh --bootstrap-server $KAFKA_BOOTSTRAP_SERVERS --command-config admin.properties"
STAGES: Final = ("feature", "scoring", "ledger", "monitoring")
ACCESS: Final[Mapping[str, Access]] = {
    # It reads applications only to learn what a gateway before it had sent of a batch file.
    "gateway": Access(reads=(DECISIONS, TRIAL_DECISIONS, APPLICATIONS), writes=(APPLICATIONS, TRIALS)),
    "feature": Access(
        reads=(APPLICATIONS,),
        writes=(FEATURES, CATALOGUES, DEAD_LETTERS),
        group=group_of("feature"),
        transactions=True,
    ),
    "scoring": Access(
        reads=(FEATURES, TRIALS, CATALOGUES),
        writes=(DECISIONS, TRIAL_DECISIONS, ALERTS, DEAD_LETTERS),
        group=group_of("scoring"),
        transactions=True,
    ),
    "ledger": Access(
        reads=(APPLICATIONS, DECISIONS, OUTCOMES, DEAD_LETTERS),
        writes=(DEAD_LETTERS,),
        group=group_of("ledger"),
    ),
    # An operator sends a dead letter again to the topic that it came from.
    "monitoring": Access(
        reads=(FEATURES, DECISIONS, CATALOGUES, ALERTS, DEAD_LETTERS),
        writes=(ALERTS, DEAD_LETTERS, APPLICATIONS, FEATURES, DECISIONS, OUTCOMES),
        group=group_of("monitoring"),
        watches=tuple(group_of(stage) for stage in STAGES if stage != "monitoring"),
    ),
    # A front office with applications and a back office with outcomes.
    "replay": Access(reads=(DECISIONS,), writes=(APPLICATIONS, OUTCOMES)),
    # `python -m infra.kafka.topics`.
    "topics": Access(makes=TOPICS),
}


def commands(principals: Mapping[str, str]) -> Iterator[str]:
    """Yield `kafka-acls.sh` commands that give each service's principal its rights, a line each."""
    for service, access in ACCESS.items():
        yield f"# {service}"
        grouped: dict[tuple[Kind, Operation, bool], list[str]] = {}
        for right in access.rights():
            grouped.setdefault((right.kind, right.operation, right.prefixed), []).append(right.name)
        for (kind, operation, prefixed), names in grouped.items():
            yield " ".join(
                (
                    TOOL,
                    f"--add --allow-principal '{principals[service]}' --operation {operation.word}",
                    *(("--resource-pattern-type prefixed",) if prefixed else ()),
                    *(f"{kind.option} {name}" for name in names),
                )
            )


def main() -> int:
    """Print the commands, or do what they would do; return the exit code."""
    parser = ArgumentParser(prog="python -m infra.kafka.access", description=__doc__)
    parser.add_argument(
        "--principal",
        default="User:" + group_of("{service}"),
        help="how Kafka calls a service's user (%(default)s); without {service} one user has all rights",
    )
    parser.add_argument(
        "--grant", action="store_true", help="give the rights, on the Kafka of KAFKA_BOOTSTRAP_SERVERS"
    )
    options = parser.parse_args()
    principals = {service: options.principal.replace("{service}", service) for service in ACCESS}
    if not options.grant:
        print("\n".join(commands(principals)))
        return 0
    kafka = read(KafkaSettings)
    # What keeps us out the program tells itself.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        with kafka_errors():
            given = asyncio.run(
                grant(kafka, [(principals[service], access) for service, access in ACCESS.items()])
            )
    except FatalError as error:
        print(f"no rights given: {error}", file=sys.stderr)
        return error.exit_code
    except UnavailableError as error:
        print(f"no rights given on {kafka.bootstrap_servers}: {error}", file=sys.stderr)
        return 1
    print(f"rights: {given} given to {len(set(principals.values()))} users")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
