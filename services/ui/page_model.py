"""Model: the champion, what its threshold costs, and what it looks at."""

from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import streamlit as st

from services.ui.card_text import sections_of
from services.ui.figures import CONFIG
from services.ui.figures_model import cost_curve, importance, reliability
from services.ui.frame import heading, note, section, told_when_away
from services.ui.known_model import champion_now, figures_of, text_of
from services.ui.model_registry import Champion
from services.ui.reach import mlflow_link, registry
from services.ui.reader import Reader, current_reader
from services.ui.reasons_told import by_group
from services.ui.threshold import LEAST, figure_at, thresholds_up_to

FACTS: Final = {
    "auc": "test_auc",
    "saving": "test_saving",
    "approval": "test_approval_rate",
    "calibration": "test_expected_calibration_error",
}
"""Metric of the run by what it is called here."""
FIGURES: Final = ("cost_curve", "calibration", "importance")


def main() -> None:
    """Draw the champion."""
    reader = current_reader()
    heading(reader.words("model.title"), reader.words("model.lead"))
    with told_when_away(reader):
        with st.spinner(reader.words("loading")):
            champion = champion_now()
            told = {name: figures_of(champion, name) for name in FIGURES} if champion else {}
        if champion is None:
            note("plain", "\u2013", reader.words("model.none"))
            return
        _draw_facts(champion, reader)
        _draw_curve(told["cost_curve"], reader)
        _draw_calibration_and_importance(told["calibration"], told["importance"], reader)
        _draw_card(champion, reader)


def _draw_facts(champion: Champion, reader: Reader) -> None:
    words, forms = reader.words, reader.forms
    name, since = registry().model_name, datetime.fromtimestamp(champion.created_at, UTC)
    told = words("model.since", when=forms.moment(reader.here(since)))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        title = words("model.version", name=name, version=champion.version)
        head = f"<h2>{escape(title)}</h2><p>{escape(told)}</p>"
        st.html(f'<div class="octroi-section octroi-flat">{head}</div>')
        st.link_button(words("model.run"), mlflow_link() + champion.page, icon=":material/open_in_new:")
    tiles = [
        (
            words(f"model.{fact}"),
            _written(fact, champion.metrics[metric], reader),
            words(f"model.{fact}_help"),
        )
        for fact, metric in FACTS.items()
        if metric in champion.metrics
    ]
    st.html(_tiles(tiles))
    st.caption(words("model.untouched"))


def _written(fact: str, value: float, reader: Reader) -> str:
    forms = reader.forms
    return forms.number(value, 3) if fact in {"auc", "calibration"} else forms.percent(value)


def _tiles(tiles: list[tuple[str, str, str]]) -> str:
    return (
        '<div class="octroi-tiles">'
        + "".join(
            f'<div class="octroi-tile"><span>{escape(name)}</span><b>{escape(value)}</b>'
            f"<small>{escape(more)}</small></div>"
            for name, value, more in tiles
        )
        + "</div>"
    )


def _draw_curve(curve: Any, reader: Reader) -> None:  # noqa: ANN401 - JSON
    if not curve:
        return
    words, forms = reader.words, reader.forms
    section(words("model.curve"), words("model.curve_lead"))
    with st.container(border=True, key="card-cost"):
        chosen = float(curve["chosen"])
        end = round(min(1.0, max(4 * chosen, 0.2)), 2)
        champions = min(max(round(chosen, 3), LEAST), end)
        threshold = st.session_state.get("threshold", champions)
        # The champion's own threshold has more digits than a reader can choose.
        exact = chosen if threshold == champions else threshold
        st.html(_tiles(_at(curve, exact, reader)))
        st.select_slider(
            words("model.threshold"),
            thresholds_up_to(end),
            value=champions,
            format_func=forms.percent,
            key="threshold",
        )
        drawn = cost_curve(curve, exact, end, reader)
        st.plotly_chart(drawn, key="cost-curve", theme=None, config=CONFIG)


def _at(curve: Any, threshold: float, reader: Reader) -> list[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    words, forms = reader.words, reader.forms
    at = words("model.at", threshold=forms.percent(threshold))
    shares = (("approval", "approval_rate"), ("recall", "recall"), ("precision", "precision"))
    told = [
        (words(f"model.{name}"), forms.percent(figure_at(curve, key, threshold)), at) for name, key in shares
    ]
    cost = forms.number(figure_at(curve, "cost_per_application", threshold), 3)
    return [*told, (words("model.cost"), cost, at)]


def _draw_calibration_and_importance(calibration: Any, shares: Any, reader: Reader) -> None:  # noqa: ANN401
    words = reader.words
    left, right = st.columns(2, gap="large")
    if calibration:
        with left:
            section(words("model.reliability"))
            with st.container(border=True, key="card-reliability"):
                drawn = reliability(calibration, reader)
                st.plotly_chart(drawn, key="reliability", theme=None, config=CONFIG)
    if shares:
        with right:
            section(words("model.importance"), words("model.importance_lead"))
            with st.container(border=True, key="card-importance"):
                drawn = importance(by_group(shares), reader)
                st.plotly_chart(drawn, key="importance", theme=None, config=CONFIG)


def _draw_card(champion: Champion, reader: Reader) -> None:
    words = reader.words
    card, gate = text_of(champion, "card.md"), text_of(champion, "gate.md")
    if not card:
        return
    section(words("model.card"), words("model.card_lead"))
    with st.container(key="card-sections"):
        for number, (title, text) in enumerate(sections_of(card)):
            with st.expander(title or words("model.card"), expanded=number == 0):
                st.markdown(text)
        if gate:
            with st.expander(words("model.gate")):
                st.markdown(gate)
    page = registry()
    st.download_button(
        words("model.card_download"),
        lambda: page.card_file(champion, "card.html") or b"",
        file_name=f"model-card-{champion.version}.html",
        mime="text/html",
        key="card-download",
        icon=":material/download:",
        on_click="ignore",
    )


if __name__ == "__main__":
    main()
