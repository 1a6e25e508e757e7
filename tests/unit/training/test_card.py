"""The card tells its facts, and shows what stands in names instead of obeying it."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from services.training.card import html, markdown
from services.training.card_facts import LIMITS
from services.training.intervals import Interval
from tests.unit.training.card_example import METRICS, facts

PICTURE = b"\x89PNG picture"


class Page(HTMLParser):
    """Text, tags and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.tags, self.addresses = "", set[str](), list[str]()
        self.identifiers = set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.identifiers |= {value or "" for name, value in attrs if name == "id"}

    def handle_data(self, data: str) -> None:
        self.text += data


def page(name: str = "octroi-scorecard") -> Page:
    return Page(html(facts(name=name), {"separation.png": PICTURE}))


@pytest.mark.parametrize(
    "fact",
    [
        "octroi-scorecard",
        "application_train.csv",
        "307,511",
        "46,127",
        "5f2a" * 16,
        "EXT_SOURCE_2; as it is",
        "AUC 0.753, 95 % interval 0.740 to 0.766",
        "refuses 66.2 % of those who default",
        "saving 31.2 % to 36.9 %",
        "9.8 %",
        "under 30 (age)",
        "below 0.8",
        "uncertain",
        "xgboost, domain features",
        "0.7561 ± 0.0021",
        "2cf3cf4",
        "How far good clients and defaulters lie apart.",
        "reject inference",
        "looks at age;",
        "does not look at sex and family status",
        "0.3 percentage points on average, no more than chance explains",
    ],
)
def test_the_facts_are_told(fact: str) -> None:
    assert fact in page().text


def test_every_limit_is_told() -> None:
    assert all(limit in page().text for limit in LIMITS)


def test_the_page_needs_no_other_file_and_no_link_leads_nowhere() -> None:
    found = page()
    links = {address.removeprefix("#") for address in found.addresses if address.startswith("#")}
    pictures = [address for address in found.addresses if not address.startswith("#")]
    assert links
    assert links <= found.identifiers
    assert pictures == ["data:image/png;base64,iVBORyBwaWN0dXJl"]
    assert not found.tags & {"script", "link", "iframe"}


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a | b",
        "**bold** _word_ `code`",
        "[link](javascript:alert)",
        "![x](https://example.org/x.png)",
        "R&D &amp; <https://example.org>",
        "back\\slash",
        "EXT_SOURCE_1",
    ],
)
def test_names_read_as_they_are(name: str) -> None:
    plain, odd = page(), Page(html(facts(name=name, features=(name,)), {"separation.png": PICTURE}))
    assert odd.text.count(name) >= 4
    assert odd.tags == plain.tags
    assert odd.addresses == plain.addresses


def test_lines_in_a_name_start_nothing() -> None:
    assert "\n# heading" not in markdown(facts(name="name\n# heading\n"))


def test_what_is_not_known_is_left_out() -> None:
    text = markdown(replace(facts(), comparison=(), fairness=(), figures={}))
    for title in ("Models compared", "## Groups", "## Figures"):
        assert title not in text
    assert "Groups were not compared." in text


def test_a_loss_is_called_a_loss() -> None:
    metrics = {**METRICS, "saving": Interval(-0.1, -0.2, 0.0)}
    assert "10.0 % more than accepting everybody" in " ".join(
        markdown(replace(facts(), metrics=metrics)).split()
    )


def test_many_features_are_summed_up() -> None:
    text = markdown(facts(features=tuple(f"FEATURE_{place}" for place in range(30))))
    assert "FEATURE_24" in text
    assert "FEATURE_25" not in text
    assert "5 other features have" in text


def test_a_missing_picture_is_named() -> None:
    with pytest.raises(ValueError, match=r"pictures of separation\.png are missing"):
        html(facts(), {})
