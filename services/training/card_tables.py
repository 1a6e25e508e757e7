"""The tables of a model card, for a reader who wants the numbers."""

from typing import Final
from urllib.parse import quote

from services.training.card_facts import CardFacts
from services.training.card_summary import looked_at
from services.training.comparison import table as comparison_table
from services.training.fairness import FOUR_FIFTHS, LEAST_DEFAULTERS, GroupRow
from services.training.intervals import Interval
from services.training.markdown_text import bullets, percent, plain, table

_SHOWN_FEATURES: Final = 25
_NONE: Final = "-"
_METRICS: Final = (
    ("auc", "AUC", "of a defaulter and a good client, how often the defaulter gets the higher risk"),
    ("gini", "Gini", "2 AUC - 1"),
    ("ks", "KS", "widest gap between the distributions of good clients and defaulters"),
    ("brier_score", "Brier score", "mean squared error of the probability; less is better"),
    ("business_score", "business score", "1 without errors, 0 with errors only, weighed by their costs"),
    ("cost_per_application", "cost per application", "of the errors, in the unit of the costs"),
    ("cost_per_application_accepting_all", "the same, accepting everybody", "to compare it with"),
    ("saving", "saving", "share of that cost which is saved"),
    ("approval_rate", "approval rate", "share of the applicants approved"),
    ("recall", "recall", "share of the defaulters refused"),
    ("precision", "precision", "share of those refused who defaulted"),
    ("f1", "F1", "harmonic mean of recall and precision"),
    ("accuracy", "accuracy", "share of right decisions, whatever they cost"),
)
_SHARES: Final = frozenset({"saving", "approval_rate", "recall", "precision", "accuracy"})


def sections(facts: CardFacts) -> dict[str, str]:
    """Return the text of each section by its title, in their order; what is not known is left out."""
    texts = {
        "Quality": _quality(facts),
        "Groups": _groups(facts),
        "Threshold and costs": _threshold(facts),
        "Calibration": _calibration(facts),
        "Figures": "\n\n".join(_figure(name, caption) for name, caption in facts.figures.items()),
        "Known limits": bullets([looked_at(facts), *map(plain, facts.limits)]),
        "Models compared": _comparison(facts),
        "Data": _data(facts),
        "Features": _features(facts),
        "Made with": table(
            ("what", "version"),
            [(plain(what), plain(text)) for what, text in facts.versions.items()],
            words=(0, 1),
        ),
    }
    return {title: text for title, text in texts.items() if text}


def _quality(facts: CardFacts) -> str:
    rows = [
        (title, meaning, *_cells(facts.metrics[name], share=name in _SHARES))
        for name, title, meaning in _METRICS
        if name in facts.metrics
    ]
    return (
        f"{plain(facts.verdict)} On {facts.data.test_rows:,} rows that nothing was fitted or calibrated on; "
        "in 95 of 100 resamples of them, the value lies between the last two columns.\n\n"
        + table(("metric", "meaning", "value", "from", "to"), rows, words=(0, 1))
    )


def _cells(interval: Interval, *, share: bool) -> tuple[str, ...]:
    numbers = (interval.value, interval.low, interval.high)
    return tuple(percent(number) if share else f"{number:.3f}" for number in numbers)


def _groups(facts: CardFacts) -> str:
    if not facts.fairness:
        return ""
    said = (
        f"The ratio is that of a group's approval rate to the best-treated group's. The limit of "
        f"{FOUR_FIFTHS:g} is the four-fifths rule of the Uniform Guidelines on Employee Selection Procedures "
        "(1978): a rule of thumb, not the law of credit. Uncertain are the rates of groups with fewer than "
        f"{LEAST_DEFAULTERS} defaulters."
    )
    attributes = dict.fromkeys(row.attribute for row in facts.fairness)
    tables = [
        _group_table(attribute, [row for row in facts.fairness if row.attribute == attribute])
        for attribute in attributes
    ]
    return "\n\n".join((said, *tables))


def _group_table(attribute: str, rows: list[GroupRow]) -> str:
    head = ("rows", "default", "approved", "defaulters refused", "good refused", "ratio", "note")
    cells = [
        (
            plain(row.group),
            f"{row.rows:,}",
            percent(row.default_rate),
            percent(row.approval_rate),
            *(_NONE if rate is None else percent(rate) for rate in (row.recall, row.false_positive_rate)),
            _NONE if row.approval_ratio is None else f"{row.approval_ratio:.2f}",
            _note(row),
        )
        for row in rows
    ]
    return table((f"by {plain(attribute)}", *head), cells, words=(0, 7))


def _note(row: GroupRow) -> str:
    notes = {f"**below {FOUR_FIFTHS:g}**": row.below_four_fifths, "*uncertain*": row.uncertain}
    return ", ".join(note for note, applies in notes.items() if applies)


def _threshold(facts: CardFacts) -> str:
    rows = (
        ("the model refuses from a probability of default of", percent(facts.threshold)),
        ("cost of a defaulter accepted", f"{facts.costs.false_negative:g}"),
        ("cost of a good client refused", f"{facts.costs.false_positive:g}"),
    )
    return (
        "The threshold is the one that costs least on training rows that the trees had not seen; the rows "
        "that this card measures on had no part in it. Other costs make another threshold.\n\n"
        + table(("setting", "value"), rows)
    )


def _calibration(facts: CardFacts) -> str:
    found = facts.calibration
    verdict = "no more than" if found.error <= found.error_by_chance else "more than"
    rows = (
        ("mean probability of default", percent(found.mean_probability)),
        ("share that defaulted", percent(found.default_rate)),
        ("expected calibration error", f"{found.error:.4f}"),
        ("the same of exact probabilities, at most, in 19 of 20 tables", f"{found.error_by_chance:.4f}"),
        (
            "Platt's slope (trees and curves sum to twice the log-odds)",
            f"{found.slope:.4f}",
        ),
        ("Platt's intercept", f"{found.intercept:.4f}"),
    )
    return (
        f"Probabilities miss the observed default rates by {100 * found.error:.1f} percentage points on "
        f"average, {verdict} chance explains on so many rows.\n\n" + table(("fact", "value"), rows)
    )


def _figure(name: str, caption: str) -> str:
    return f"![{plain(name)}]({quote(name)})\n{plain(caption)}"


def _comparison(facts: CardFacts) -> str:
    if not facts.comparison:
        return ""
    return (
        "Cross-validated on training rows, each at the best point of its grid. After ± stands the standard "
        "error over the folds. The reference of an arm is the same model on domain features without "
        "balancing; of the scorecard it is xgboost, and of its parts the scorecard itself. Differences are "
        "paired, fold by fold; within noise is what Student's t of them cannot tell from 0 at 95 %. Each "
        "business score is at the fold's own best threshold, which flatters all but the floor.\n\n"
        f"{comparison_table(facts.comparison)}"
    )


def _data(facts: CardFacts) -> str:
    data = facts.data
    rows = (
        ("file", plain(data.file_name)),
        ("SHA-256", plain(data.fingerprint)),
        ("rows", f"{data.rows:,}"),
        ("of them defaulted", percent(data.default_rate)),
        ("rows trained on", f"{data.train_rows:,}"),
        ("rows untouched", f"{data.test_rows:,}"),
    )
    return table(("fact", "value"), rows, words=(0, 1))


def _features(facts: CardFacts) -> str:
    ordered = sorted(facts.features, key=lambda feature: -feature.importance)
    shown, others = ordered[:_SHOWN_FEATURES], ordered[_SHOWN_FEATURES:]
    rows = [(plain(each.name), plain(each.formula), percent(each.importance)) for each in shown]
    text = (
        "Importance is a feature's share of the absolute contributions to the log-odds: exact Shapley values "
        "of a sample of the training rows. Every feature belongs to one of the reasons that applicants are "
        "told.\n\n" + table(("feature", "formula", "importance"), rows, words=(0, 1))
    )
    if not others:
        return text
    rest = percent(sum(feature.importance for feature in others))
    return f"{text}\n\n{len(others)} other features have {rest} together; the bundle names them all."
