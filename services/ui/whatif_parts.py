"""The parts of the what-if page: what would be decided, what would turn it, and the curve."""

from html import escape

import streamlit as st

from services.ui import palette
from services.ui.answers import Cells, Decision
from services.ui.figures import CONFIG
from services.ui.figures_whatif import curve
from services.ui.frame import note, section
from services.ui.loan_terms import ANNUITY, GOODS, Loan, Quantity, cells_with
from services.ui.reader import Reader
from services.ui.reasons_told import rule_told, within
from services.ui.trying import Tried
from services.ui.variants import Turn


def draw_answer(tried: Tried, handed_in: Decision | None, reader: Reader) -> None:
    """Draw what would be decided beside what was."""
    pairs = [("now", tried.now), *([("before", handed_in)] if handed_in else [])]
    tiles = "".join(_tile(reader.words(f"whatif.{name}"), decision, reader) for name, decision in pairs)
    st.html(f'<div class="octroi-tiles octroi-wide" role="status">{tiles}</div>')


def draw_turns(tried: Tried, cells: Cells, now: Loan, reader: Reader) -> None:
    """Draw for each quantity the value that turns the decision, and what follows from it."""
    section(reader.words("whatif.smallest"), reader.words("whatif.smallest_lead"))
    if not tried.turns:
        note("plain", "\u2013", reader.words("whatif.no_turn"))
        return
    rows = "".join(f"<li>{_turn(turn, cells, now, reader)}</li>" for turn in tried.turns)
    st.html(f'<ul class="octroi-list octroi-turns">{rows}</ul>')


def draw_curve(tried: Tried, amount: float, reader: Reader) -> None:
    """Draw the probability, and what the engine would decide, by amount."""
    section(reader.words("whatif.curve"), reader.words("whatif.curve_lead"))
    with st.container(border=True, key="card-curve"):
        drawn = curve(tried, amount, reader)
        st.plotly_chart(drawn, key="what-if-curve", theme=None, config=CONFIG)


def name_of(quantity: Quantity, reader: Reader) -> str:
    """Return what a quantity is called, with the currency of amounts."""
    name = reader.words(f"whatif.{quantity}")
    return name if quantity == "term" else reader.priced(name)


def _tile(name: str, decision: Decision, reader: Reader) -> str:
    words = reader.words
    rule = rule_told(decision, reader.language)
    ruled = f"<small>{escape(words('outcome.by_rule', rule=rule))}</small>" if rule else ""
    return (
        f'<div class="octroi-tile"><span>{escape(name)}</span><b>'
        f"{reader.forms.percent(decision.probability_of_default)}</b>"
        f"{_chip(decision.outcome, reader)} "
        f"<small>{escape(words('decision.score'))} {decision.score}</small> {ruled}</div>"
    )


def _chip(outcome: str, reader: Reader) -> str:
    return (
        f'<span class="octroi-chip octroi-chip-{outcome}">{palette.SIGNS[outcome]} '
        f"{escape(reader.words(f'outcome.{outcome}'))}</span>"
    )


def _turn(turn: Turn, cells: Cells, now: Loan, reader: Reader) -> str:
    words, forms = reader.words, reader.forms
    written = forms.number if turn.quantity == "term" else reader.amount
    told = words(
        "whatif.to",
        name=words(f"whatif.{turn.quantity}"),
        old=written(turn.old),
        new=written(turn.new),
        change=forms.signed(turn.change * 100, 1) + "\u00a0%",
    )
    outcome = "approved" if turn.approved else "refused"
    return (
        f"<span>{escape(told)}<br><small>{escape(_followed(turn, cells, now, reader))}</small></span>"
        f'<span class="octroi-chip octroi-chip-{outcome}">'
        f"{palette.SIGNS[outcome]} {escape(words(f'whatif.turns_{outcome}'))}</span>"
    )


def _followed(turn: Turn, cells: Cells, now: Loan, reader: Reader) -> str:
    """Say what else changes with a quantity."""
    words, then = reader.words, now.moved(turn.quantity, turn.new)
    before, after = cells_with(cells, now), cells_with(cells, then)
    follows = [
        f"{within(words.field(column))} {reader.amount(after[column])}"
        for column in (ANNUITY, GOODS)
        if after.get(column) != before.get(column)
    ]
    if turn.quantity == "annuity":
        months = "\u2013" if then.term is None else reader.forms.number(then.term)
        follows = [f"{within(words('whatif.term'))} {months}"]
    return words("whatif.follows", what=", ".join(follows)) if follows else words("whatif.others_stay")
