import json
from math import isnan
from pathlib import Path

from tests.benchmarks.chart import MOST_BARS, Panel, draw, panels
from tests.benchmarks.contest import RAW, READY
from tests.benchmarks.quantiles import quantile
from tests.benchmarks.results import Figure, rows, table, write_json

FIGURES = (
    Figure("by HTTP", "octroi", RAW, "16 connections", "rate", "rows/s", (450.0, 2000.4, 900.0)),
    Figure("by HTTP", "rival", READY, "16 connections", "rate", "rows/s", (80.0, 90.0, 85.0)),
    Figure("by HTTP", "rival", READY, "16 connections", "processor", "ms/row", (1.5,)),
)


def test_a_quantile_is_not_passed_by_its_share() -> None:
    ordered = [float(value) for value in range(1, 101)]
    assert [quantile(ordered, share) for share in (0, 0.5, 0.99, 1)] == [1, 51, 100, 100]
    assert quantile([7.0], 0.5) == 7
    assert isnan(quantile([], 0.5))


def test_a_row_has_median_minimum_and_maximum() -> None:
    first = rows(FIGURES)[0]
    assert (first.median, first.min, first.max, first.runs) == (900.0, 450.0, 2000.4, 3)


def test_the_table_is_aligned_and_says_who_gets_what() -> None:
    head, *lines = table(rows(FIGURES)).splitlines()
    assert [line.index("16 connections") for line in lines] == [head.index("under")] * 3
    assert RAW in lines[0]
    assert READY in lines[1]
    assert [word for word in lines[0].split() if word[0].isdigit()] == ["16", "900", "450", "2,000", "3"]


def test_json_has_the_machine_and_every_row(tmp_path: Path) -> None:
    write_json(tmp_path / "figures.json", {"cores": "2"}, rows(FIGURES))
    content = json.loads((tmp_path / "figures.json").read_text())
    assert content["machine"] == {"cores": "2"}
    assert [figure["median"] for figure in content["figures"]] == [900.0, 85.0, 1.5]
    assert content["figures"][1]["given"] == READY


def test_the_chart_shows_rates_and_times(tmp_path: Path) -> None:
    curve = (
        Figure("load", "octroi", RAW, "100 offered", "p50", "ms", (20.0, 30.0)),
        Figure("load", "octroi", RAW, "400 offered", "p50", "ms", (50.0, 60.0)),
        Figure("load", "octroi", RAW, "", "knee", "decisions/s", (100.0, 400.0)),
    )
    results = rows(FIGURES + curve)
    assert panels(results) == [
        Panel("by HTTP: rate, rows/s", results[:2]),
        Panel("load: p50, ms", results[3:5], knee=250.0),
    ]
    draw(tmp_path / "figures.png", results)
    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")


def test_many_bars_become_a_panel_for_each_load() -> None:
    results = rows(
        Figure("by HTTP", f"server {number}", RAW, f"{connections} connections", "p50", "ms", (1.0,))
        for number in range(MOST_BARS)
        for connections in (1, 64)
    )
    one, many = panels(results)
    assert (one.title, many.title) == ("by HTTP: p50, ms; 1 connections", "by HTTP: p50, ms; 64 connections")
    assert [row.contestant for row in many.rows] == [f"server {number}" for number in range(MOST_BARS)]
