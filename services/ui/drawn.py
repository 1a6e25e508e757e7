"""Drawings of a decision as HTML: quick to show, and as text they can be read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Final

from services.ui import palette
from services.ui.answers import Decision
from services.ui.reader import Reader
from services.ui.waterfall import BASE, REST, TOTAL, Step

STEP: Final = 0.05
"""The gauge ends at a multiple of this."""
MARGIN: Final = 0.14
"""Of a strip's width, to both sides of the quantiles; what lies further out is an arrow at the edge."""


def gauge(decision: Decision, reader: Reader) -> str:
    """Return a half circle of the probability, parted at the threshold, with the probability within."""
    words, forms = reader.words, reader.forms
    probability, threshold = decision.probability_of_default, decision.threshold
    end = gauge_end(probability, threshold)
    shares = {"probability": forms.percent(probability), "threshold": forms.percent(threshold)}
    told = words("decision.gauge", **shares)
    needle, limit = _degrees(probability / end), _degrees(threshold / end)
    return (
        f'<div class="octroi-gauge" role="img" aria-label="{escape(told)}">'
        f'<div class="octroi-ring" style="--limit:{limit}deg"></div>'
        f'<div class="octroi-hand octroi-limit" style="transform:rotate({limit}deg)">'
        f'<i></i><span style="transform:rotate(-{limit}deg)">{forms.percent(threshold)}</span></div>'
        f'<div class="octroi-hand octroi-needle" style="transform:rotate({needle}deg)"><i></i></div>'
        f'<div class="octroi-gauge-value">{forms.percent(probability)}'
        f"<small>{escape(words('decision.probability'))}</small></div>"
        f'<div class="octroi-gauge-ends"><span>0</span><span>{forms.percent(end, 0)}</span></div></div>'
    )


def gauge_end(probability: float, threshold: float) -> float:
    """Return the last value of the gauge, which leaves room to both sides of the threshold."""
    return min(1.0, max(STEP, ceil(max(2.5 * threshold, 1.15 * probability) / STEP) * STEP))


def _degrees(share: float) -> float:
    return round(180 * min(max(share, 0.0), 1.0), 1)


def waterfall(steps: Sequence[Step], names: Sequence[str], limit: float, reader: Reader) -> str:
    """Return a bar for each step; `names` says what each is, `limit` is the threshold."""
    forms, words = reader.forms, reader.words
    end = max(limit, *(max(step.start, step.end) for step in steps)) * 1.04
    rows = []
    for step, name in zip(steps, names, strict=True):
        whole = step.code in {BASE, TOTAL}
        kind = "total" if whole else "up" if step.size > 0 else "down"
        sign = "" if whole else "▲ " if step.size > 0 else "▼ "
        moved = words("decision.points", points=forms.points(step.size))
        size = forms.percent(step.end) if whole else moved
        left, width = min(step.start, step.end) / end, abs(step.size) / end
        rows.append(
            f'<li class="octroi-step octroi-{kind}{" octroi-rest" if step.code == REST else ""}">'
            f'<div class="octroi-step-name"><b>{escape(name)}</b></div>'
            f'<div class="octroi-track"><i style="left:{left:.2%};width:max({width:.2%},3px)"></i>'
            f'<u style="left:{limit / end:.2%}"></u></div>'
            f'<div class="octroi-step-size">{sign}{size}</div></li>'
        )
    note = f"{escape(words('decision.threshold'))} {forms.percent(limit)}"
    return (
        f'<ol class="octroi-waterfall">{"".join(rows)}'
        f'<li class="octroi-step octroi-axis"><div></div><div class="octroi-track octroi-bare">'
        f'<span style="left:{limit / end:.2%}">{note}</span></div><div></div></li></ol>'
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One feature of this applicant beside those accepted and refused."""

    name: str
    value: float
    accepted: tuple[float, float, float, float, float]
    """Quantiles at 10, 25, 50, 75 and 90 %."""
    declined: tuple[float, float, float, float, float]
    text: str
    """The value in the reader's form."""
    ends: tuple[str, str]
    """The lowest and the highest quantile, in the reader's form."""


def strips(compared: Sequence[Comparison], reader: Reader) -> str:
    """Return a strip for each feature with both groups and this applicant."""
    return f'<div class="octroi-strips">{"".join(_strip(each, reader) for each in compared)}</div>'


def _strip(each: Comparison, reader: Reader) -> str:
    low, high = min(each.accepted[0], each.declined[0]), max(each.accepted[-1], each.declined[-1])
    spread = (high - low) or 1.0

    def at(value: float) -> float:
        return MARGIN + (1 - 2 * MARGIN) * (value - low) / spread

    place = at(each.value)
    beyond = "octroi-beyond octroi-low" if place < 0 else "octroi-beyond" if place > 1 else "octroi-within"

    def band(kind: str, sign: str, group: tuple[float, float, float, float, float]) -> str:
        q10, q25, q50, q75, q90 = map(at, group)
        name = reader.words(f"decision.{kind}")
        return (
            f'<div class="octroi-band octroi-band-{kind}"><span>{sign} {escape(name)}</span><div>'
            f'<s style="left:{q10:.2%};width:{q90 - q10:.2%}"></s>'
            f'<i style="left:{q25:.2%};width:max({q75 - q25:.2%},2px)"></i>'
            f'<b style="left:{q50:.2%}"></b>'
            f'<u class="{beyond}" style="left:{min(max(place, 0.0), 1.0):.2%}"></u></div></div>'
        )

    return (
        f'<div class="octroi-strip"><div class="octroi-strip-name"><b>{escape(each.name)}</b>'
        f"<span>◆ {escape(each.text)}</span></div>"
        f"{band('accepted', palette.SIGNS['approved'], each.accepted)}"
        f"{band('declined', palette.SIGNS['refused'], each.declined)}"
        f'<div class="octroi-strip-ends"><span style="left:{MARGIN:.0%}">{escape(each.ends[0])}</span>'
        f'<span style="right:{MARGIN:.0%}">{escape(each.ends[1])}</span></div></div>'
    )
