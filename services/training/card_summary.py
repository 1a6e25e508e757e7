"""The first paragraphs of a model card, for a reader who stops there."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from services.training.card_facts import CardFacts
from services.training.fairness import LEAST_DEFAULTERS, GroupRow
from services.training.markdown_text import listed, percent, plain

_MORE = "[Known limits](#known-limits)"


def description(facts: CardFacts) -> str:
    """Return the summary for a place that has no other section to lead to."""
    return summary(facts).replace(_MORE, "The model card")


def summary(facts: CardFacts) -> str:
    """Return what the model is for, how good it is, whom it treats differently, and when not to use it.

    Raises KeyError when a metric that it tells is not among the facts.
    """
    paragraphs = {
        "What it is for.": plain(facts.purpose),
        "How good it is.": _goodness(facts),
        "Whom it treats differently.": _treatment(facts),
        "When not to use it.": "Where applicants differ from those it learnt from, for anything but "
        "approving or refusing a consumer loan, or where nobody can decide otherwise. "
        f"{_MORE} says more.",
    }
    return "\n\n".join(f"**{title}** {text}" for title, text in paragraphs.items())


def looked_at(facts: CardFacts) -> str:
    """Return which protected attributes the model decides by, and which it does not."""
    used, unused = (listed(facts.protected(used=used)) for used in (True, False))
    told = []
    if used:
        told.append(f"The model itself looks at {used}; whether it may depends on the law where it is used.")
    if unused:
        told.append(f"The model does not look at {unused}, but other features may stand for it.")
    return " ".join(told)


def _goodness(facts: CardFacts) -> str:
    auc, saving = facts.metrics["auc"], facts.metrics["saving"]
    approved, recall, precision = (
        percent(facts.metrics[name].value) for name in ("approval_rate", "recall", "precision")
    )
    return (
        f"On {facts.data.test_rows:,} applications that it had not seen, it tells a defaulter from a good "
        f"client in {percent(auc.value)} of pairs (AUC {auc.value:.3f}, 95 % interval {auc.low:.3f} to "
        f"{auc.high:.3f}; chance gives 0.5). It approves {approved} of the applicants and refuses {recall} "
        f"of those who default; {precision} of those it refuses did default. Where a defaulter accepted "
        f"costs {facts.costs.false_negative:g} and a good client refused {facts.costs.false_positive:g}, its "
        f"errors cost {percent(abs(saving.value))} {'less' if saving.value >= 0 else 'more'} than accepting "
        f"everybody (saving {percent(saving.low)} to {percent(saving.high)})."
    )


def _treatment(facts: CardFacts) -> str:
    if not facts.fairness:
        return f"Groups were not compared. {looked_at(facts)}"
    certain = [row for row in facts.fairness if not row.uncertain]
    return " ".join((*_ranges(facts.fairness), _below(certain), looked_at(facts)))


def _ranges(rows: Sequence[GroupRow]) -> Iterator[str]:
    for attribute in dict.fromkeys(row.attribute for row in rows):
        groups = sorted((row for row in rows if row.attribute == attribute), key=attrgetter("approval_rate"))
        least, most = groups[0], groups[-1]
        if least is not most:
            yield (
                f"By {plain(attribute)}, approval goes from {percent(least.approval_rate)} "
                f"({_named(least)}) to {percent(most.approval_rate)} ({_named(most)})."
            )


def _named(row: GroupRow) -> str:
    return f"{plain(row.group)}{', uncertain' if row.uncertain else ''}"


def _below(rows: Sequence[GroupRow]) -> str:
    names = [f"{row.group} ({row.attribute})" for row in rows if row.below_four_fifths]
    if not names:
        who = f"No group of at least {LEAST_DEFAULTERS} defaulters"
        return f"{who} is approved less than four fifths as often as the best-treated one."
    return f"Approved less than four fifths as often as the best-treated group: {plain(listed(names))}."
