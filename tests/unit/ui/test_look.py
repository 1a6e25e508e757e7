import re

import pytest
from pydantic import ValidationError

from services.ui import palette
from services.ui.launching import APPLICATION, command
from services.ui.settings import UiSettings

STYLE = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", APPLICATION.with_name("style.css").read_text()))
QUIET = STYLE["quiet"]
"""Of what stands beside other text. No drawing has it, so that it is in the style alone."""
LEAST = 4.5
"""Of WCAG 2.2 AA, for text of common size."""
LEAST_OF_EDGES = 3
"""Of WCAG 2.2 AA, for what shows where a control is, and which one has the focus."""
PAIRS = [
    (palette.INK, palette.PAPER),
    (palette.INK, palette.PANEL),
    (QUIET, palette.PAPER),
    (QUIET, palette.PANEL),
    (QUIET, palette.REFUSED_GROUND),
    (QUIET, palette.REVIEW_GROUND),
    (QUIET, palette.APPROVED_GROUND),
    (palette.PANEL, palette.PRIMARY),
    (palette.PRIMARY, palette.PANEL),
    (palette.ON_NIGHT, palette.NIGHT),
    (palette.GOLD, palette.NIGHT_RAISED),
    *palette.OUTCOMES.values(),
    *((colour, palette.PANEL) for colour, _ in palette.OUTCOMES.values()),
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    darker, lighter = sorted((luminance(text), luminance(ground)))
    assert (lighter + 0.05) / (darker + 0.05) >= LEAST


@pytest.mark.parametrize("ground", [palette.PAPER, palette.PANEL])
@pytest.mark.parametrize("edge", [palette.PRIMARY, palette.NEUTRAL])
def test_edges_and_focus_stand_out_from_their_ground(edge: str, ground: str) -> None:
    darker, lighter = sorted((luminance(edge), luminance(ground)))
    assert (lighter + 0.05) / (darker + 0.05) >= LEAST_OF_EDGES


def test_the_style_has_the_colours_of_the_palette() -> None:
    for name in STYLE.keys() - {"quiet"}:
        assert getattr(palette, name.upper().replace("-", "_")) == STYLE[name]


def test_outcomes_differ_by_more_than_colour() -> None:
    assert len(set(palette.SIGNS.values())) == len(palette.OUTCOMES) == 3


def test_streamlit_is_told_where_to_listen_and_to_report_to_nobody() -> None:
    told = command(UiSettings(host="127.0.0.1", port=8601, api_key_file=APPLICATION))
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in told if flag.startswith("--"))
    assert flags["server.port"] == "8601"
    assert flags["server.address"] == "127.0.0.1"
    assert flags["server.headless"] == "true"
    assert flags["browser.gatherUsageStats"] == "false"
    assert flags["client.toolbarMode"] == "minimal"
    assert flags["client.showErrorDetails"] == "none"


def test_streamlit_is_told_by_which_names_the_pages_are_reached() -> None:
    prefix = "--server.allowedHosts="

    def named(**chosen: str) -> list[str]:
        told = command(UiSettings.model_validate({"api_key_file": APPLICATION, **chosen}))
        return [flag.removeprefix(prefix) for flag in told if flag.startswith(prefix)]

    assert named() == ["localhost", "127.0.0.1"]
    assert named(allowed_hosts="pages.lender.example , *.lender.example") == [
        "pages.lender.example",
        "*.lender.example",
    ]


@pytest.mark.parametrize("hosts", ["", " ", "localhost:8501", "http://localhost", "a,,b", '["a"]', "a b"])
def test_what_is_no_list_of_names_is_refused(hosts: str) -> None:
    with pytest.raises(ValidationError, match="allowed_hosts"):
        UiSettings.model_validate({"api_key_file": APPLICATION, "allowed_hosts": hosts})
