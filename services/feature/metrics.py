"""What the feature service counts beyond its stage."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter

from services.scorecard.columns import Unknown


def count_unknown(registry: CollectorRegistry) -> Callable[[Unknown], None]:
    """Return a function that counts what an application held that the contract or catalogue does not know."""
    words = Counter(
        "octroi_unknown_words", "Words that no list has, treated as missing", ["column"], registry=registry
    )
    fields = Counter(
        "octroi_unknown_fields", "Fields that the contract does not have, kept out", registry=registry
    )

    def count(unknown: Unknown) -> None:
        for column in unknown.words:
            words.labels(column).inc()
        fields.inc(len(unknown.fields) + unknown.more_fields)

    return count
