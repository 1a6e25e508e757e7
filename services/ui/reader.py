"""Who reads the page: their language, and how they write numbers and times."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from services.ui.form import reform
from services.ui.locale_forms import Forms, forms_of
from services.ui.reach import settings
from services.ui.words import Language, Words, language_of, words_of

CHOSEN = "language"


@dataclass(frozen=True, slots=True)
class Reader:
    """What a page must know of its reader."""

    words: Words
    forms: Forms
    zone: ZoneInfo
    currency: str = ""
    """What stands behind amounts."""

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.words.language

    def amount(self, value: float) -> str:
        """Write an amount of money in whole units, with its currency where that is known."""
        return self.forms.amount(value, self.currency)

    def priced(self, name: str) -> str:
        """Return the name of an amount with the currency that it is in."""
        return f"{name} ({self.currency})" if self.currency else name

    def here(self, when: datetime) -> datetime:
        """Return a time in the reader's zone."""
        return when.astimezone(self.zone)


def current_reader() -> Reader:
    """Return the reader of this session, and note the language in the address."""
    asked = st.query_params.get("lang") or st.session_state.get(CHOSEN)
    language = language_of(asked, st.context.locale)
    st.session_state[CHOSEN] = language
    if st.query_params.get("lang") != language:
        st.query_params["lang"] = language
    zone = _zone(st.context.timezone or "UTC")
    return Reader(words_of(language), forms_of(language), zone, settings().currency)


def choose_language() -> None:
    """Take over the language that was just chosen in the sidebar."""
    language: Language | None = st.session_state.get("language-choice")
    old = st.session_state[CHOSEN]
    if language is None or language == old:
        return
    reform(st.session_state, forms_of(old), forms_of(language))
    st.session_state[CHOSEN] = language
    st.query_params["lang"] = language


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
