"""Monitoring: a summary, and the way to the operators' page."""

from datetime import datetime
from html import escape
from typing import Any, Final

import httpx
import streamlit as st

from services.ui.alerts_drawn import draw_alerts
from services.ui.frame import heading, note, section, told_when_away
from services.ui.reach import monitoring_link, rest
from services.ui.reader import Reader, current_reader
from services.ui.rest import RefusedError

MOST_FEATURES: Final = 5
LOOK_EVERY: Final = 10
Tile = tuple[str, str]


def main() -> None:
    """Draw the summary, and draw it again every few seconds."""
    reader = current_reader()
    words = reader.words
    heading(words("monitoring.title"), words("monitoring.lead"))
    link, icon = monitoring_link(), ":material/open_in_new:"
    st.link_button(words("monitoring.open"), link, icon=icon, type="primary")

    @st.fragment(run_every=LOOK_EVERY)
    def draw() -> None:
        with told_when_away(reader):
            _draw(reader)

    draw()


def _draw(reader: Reader) -> None:
    monitoring = rest("monitoring")
    pipeline, alerts = monitoring.told("/v1/pipeline"), monitoring.told("/v1/alerts")["alerts"]
    _draw_summary(_summary(), reader)
    draw_alerts(alerts, reader)
    section(reader.words("monitoring.stages"))
    st.html(_tiles(_stages(pipeline, reader)))


def _summary() -> dict[str, Any] | None:
    try:
        return rest("monitoring").told("/v1/summary")
    except RefusedError as error:
        if error.status == httpx.codes.NOT_FOUND:
            return None
        raise


def _draw_summary(summary: dict[str, Any] | None, reader: Reader) -> None:
    words, forms = reader.words, reader.forms
    if summary is None or not summary["decisions"]["rows"]:
        note("plain", "\u2013", words("monitoring.nothing"))
        return
    decisions, features = summary["decisions"], summary["features"]
    drifted = sum(feature["drifted"] for feature in features)
    tiles = [
        (words("monitoring.rows"), forms.number(decisions["rows"])),
        (words("monitoring.approved"), forms.percent(decisions["approved"])),
        (
            words("monitoring.drifted"),
            words("monitoring.of", count=drifted, total=len(features)),
        ),
    ]
    if summary.get("expected"):
        expected = forms.percent(summary["expected"]["default_rate"])
        tiles.append((words("monitoring.expected"), expected))
    if summary.get("ages"):
        seconds = forms.number(summary["ages"]["p50"], 2)
        tiles.append((words("monitoring.latency"), words("decision.took_value", seconds=seconds)))
    st.html(_tiles(tiles))
    at = datetime.fromisoformat(summary["at"])
    st.caption(words("monitoring.at", when=forms.moment(reader.here(at))))
    _draw_drift(features, reader)


def _draw_drift(features: list[dict[str, Any]], reader: Reader) -> None:
    told = [feature for feature in features if feature["distance"] is not None]
    strongest = sorted(told, key=lambda feature: -feature["distance"])[:MOST_FEATURES]
    if not strongest:
        return
    section(reader.words("monitoring.drift"))
    rows = "".join(
        f"<li><span>{'▲' if feature['drifted'] else '✓'} "
        f"{escape(reader.words.field(feature['name']))}</span>"
        f"<b>{reader.forms.number(feature['distance'], 3)}</b></li>"
        for feature in strongest
    )
    st.html(f'<ul class="octroi-list">{rows}</ul>')


def _stages(pipeline: dict[str, Any], reader: Reader) -> list[Tile]:
    words, forms = reader.words, reader.forms

    def written(value: float | None, decimals: int = 0) -> str:
        return words("monitoring.unknown") if value is None else forms.number(value, decimals)

    stages = pipeline["stages"]
    tiles = [(words(f"monitoring.stage_{stage['name']}"), written(stage["lag"])) for stage in stages]
    tiles.append((words("monitoring.throughput"), written(pipeline["throughput"], 1)))
    tiles.append((words("monitoring.dead"), written(pipeline["dead_letters"])))
    champion = pipeline.get("champion")
    unknown = words("monitoring.unknown")
    version = words("decision.version", version=champion["version"]) if champion else unknown
    return [*tiles, (words("monitoring.champion"), version)]


def _tiles(tiles: list[Tile]) -> str:
    drawn = "".join(
        f'<div class="octroi-tile"><span>{escape(name)}</span><b>{escape(value)}</b></div>'
        for name, value in tiles
    )
    return f'<div class="octroi-tiles">{drawn}</div>'


if __name__ == "__main__":
    main()
