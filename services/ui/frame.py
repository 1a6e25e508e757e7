"""What all pages have: headings, ways to other pages, and what is said when a service is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from time import monotonic
from typing import Any, Final, NoReturn

import httpx
import streamlit as st

from services.ui.reach import rest
from services.ui.reader import Reader
from services.ui.rest import AwayError, RefusedError, ServiceName

AGAIN_EVERY: Final = 2.0
"""Seconds between two looks whether a service is back."""
AWAY_SINCE: Final = "away-since"


def heading(title: str, lead: str = "") -> None:
    """Draw the page's title and a sentence about it."""
    said = f"<p>{escape(lead)}</p>" if lead else ""
    st.html(f'<header class="octroi-head"><h1>{escape(title)}</h1>{said}</header>')


def section(title: str, lead: str = "") -> None:
    """Draw the title of a part of the page."""
    said = f"<p>{escape(lead)}</p>" if lead else ""
    st.html(f'<div class="octroi-section"><h2>{escape(title)}</h2>{said}</div>')


def note(kind: str, sign: str, text: str, more: str = "") -> None:
    """Draw a note; kind is good, bad, careful or plain, and the sign says the same without colour."""
    detail = f"<small>{escape(more)}</small>" if more else ""
    role = "alert" if kind == "bad" else "status"
    st.html(
        f'<div class="octroi-note octroi-{kind}" role="{role}"><b aria-hidden="true">{sign}</b>'
        f"<div>{escape(text)}{detail}</div></div>"
    )


def go(page: str, reader: Reader, **parameters: str) -> NoReturn:
    """Open another page of the application."""
    st.switch_page(f"page_{page}.py", query_params={"lang": reader.language, **parameters})


@contextmanager
def told_when_away(reader: Reader) -> Iterator[None]:
    """Say in plain words that a service is away, or what it refused, in place of the page."""
    try:
        yield
    except AwayError as error:
        say_away(reader, error.service)
    except RefusedError as error:
        say_refused(reader, error)


def say_away(reader: Reader, service: ServiceName) -> None:
    """Say that a service is away, and draw the page again as soon as it is back."""
    words = reader.words
    note("bad", "!", words(f"away.{service}"), words("away.again"))
    st.session_state[AWAY_SINCE] = monotonic()
    _come_back(service)


def say_refused(reader: Reader, error: RefusedError) -> None:
    """Say what a service refused, for a reader who can do nothing about it but tell."""
    words = reader.words
    known: dict[int, str] = {
        httpx.codes.UNAUTHORIZED: "refused.key",
        httpx.codes.FORBIDDEN: "refused.key",
        httpx.codes.TOO_MANY_REQUESTS: "refused.rate",
        httpx.codes.NOT_FOUND: "refused.unknown",
    }
    detail: Any = error.problem.get("detail", "")
    note("bad", "!", words(known.get(error.status, "refused.other")), str(detail))


@st.fragment(run_every=AGAIN_EVERY)
def _come_back(service: ServiceName) -> None:
    # The first run belongs to the page that has just said so: asking again at once would never end.
    since = st.session_state.get(AWAY_SINCE, 0.0)
    if monotonic() - since > AGAIN_EVERY / 2 and rest(service).is_ready():
        st.rerun()
