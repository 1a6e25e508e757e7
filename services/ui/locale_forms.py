"""Numbers, amounts and times in the reader's form."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import NumberFormatError, format_decimal, format_percent, parse_decimal

SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009 '\u2019", ""))
"""What separates thousands in some language or on some keyboard."""
DOTTED = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
"""171.000 is 171 to a program, and 171 000 to many who type it."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one locale."""

    locale: Locale

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with so many decimals at most."""
        return format_decimal(value, _pattern("#,##0", decimals), self.locale)

    def amount(self, value: float, currency: str = "") -> str:
        """Write an amount of money in whole units, with a currency behind it."""
        return f"{self.number(value)}\u00a0{currency}" if currency else self.number(value)

    def percent(self, share: float, decimals: int = 1) -> str:
        """Write a share as a percentage."""
        spaced = "\u00a0%" if self.locale.language == "fr" else "%"
        return format_percent(share, _pattern("#,##0", decimals, fixed=True) + spaced, self.locale)

    def signed(self, value: float, decimals: int = 2) -> str:
        """Write a number with its sign and so many decimals."""
        pattern = _pattern("#,##0", decimals, fixed=True)
        return ("+" if value >= 0 else "\u2212") + format_decimal(abs(value), pattern, self.locale)

    def points(self, share: float) -> str:
        """Write a difference of shares in percentage points, with its sign."""
        return self.signed(share * 100, 1)

    def moment(self, when: datetime) -> str:
        """Write a date with its time, in the time zone of `when`."""
        return format_datetime(when, "d MMM y, HH:mm:ss", locale=self.locale)

    def short_moment(self, when: datetime) -> str:
        """Write a date with hours and minutes."""
        return format_datetime(when, "d MMM y HH:mm", locale=self.locale)

    def day(self, when: datetime) -> str:
        """Write a date in full."""
        return format_datetime(when, "d MMMM y", locale=self.locale)

    def length(self, span: timedelta) -> str:
        """Write a length of time roughly."""
        return format_timedelta(span, threshold=1.5, locale=self.locale)

    def read(self, text: str) -> float | None:
        """Read a number as people type it here, or elsewhere; None where it is none."""
        bare = text.translate(SPACES)
        if not bare or (self.locale.language == "fr" and DOTTED.fullmatch(bare)):
            return None
        with suppress(NumberFormatError):
            return _finite(float(parse_decimal(bare, self.locale, strict=True)))
        with suppress(ValueError):
            return _finite(float(bare.replace(",", ".")))
        return None


def forms_of(language: str) -> Forms:
    """Return the forms of a language's main country."""
    return Forms(Locale.parse({"fr": "fr_FR", "en": "en_GB"}[language]))


def _finite(number: float) -> float | None:
    """Return the number, or None for what Python takes for one and no cell may hold."""
    return number if isfinite(number) else None


def _pattern(whole: str, decimals: int, *, fixed: bool = False) -> str:
    return f"{whole}.{('0' if fixed else '#') * decimals}" if decimals else whole
