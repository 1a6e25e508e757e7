"""Words: every sentence of the pages, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: Language
    tree: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence; dots in the key lead down the tree. Raises KeyError where there is none."""
        return str(_find(self.tree, key.split("."))).format(**values)

    def word(self, column: str, word: str) -> str:
        """Return the plain word for a word of a category column, or the word itself."""
        plain: Mapping[str, str] = self.tree["word"].get(column, {})
        return plain.get(word, word)

    def field(self, column: str) -> str:
        """Return what a column is called, or the column itself where it has no plain name."""
        plain: Mapping[str, str] = self.tree["field"]
        return plain.get(column) or self._building(column) or plain_name(column)

    def subject(self, code: str) -> str:
        """Return what a reason is about, or the plain name of a feature that stands for itself."""
        return self.tree["subject"].get(code) or self.field(code)

    def _building(self, column: str) -> str | None:
        part, _, statistic = column.rpartition("_")
        parts, statistics = self.tree["building"], self.tree["statistic"]
        if part not in parts or statistic not in statistics:
            return None
        return f"{parts[part]}, {statistics[statistic]}"


@cache
def words_of(language: Language) -> Words:
    """Return the words of a language."""
    text = files("services.ui").joinpath(f"texts/{language}.yaml").read_text(encoding="utf-8")
    return Words(language, yaml.safe_load(text))


def language_of(asked: str | None, browser: str | None) -> Language:
    """Return the language that the address asks for, else the browser's, else French."""
    for given in (asked, browser):
        short = (given or "")[:2].lower()
        if short == "en":
            return "en"
        if short == "fr":
            return "fr"
    return "fr" if not browser else "en"


def plain_name(column: str) -> str:
    """Return a column's name as words, for one that has no plain name."""
    return column.replace("_", " ").capitalize()


def _find(tree: Mapping[str, Any], path: list[str]) -> object:
    found: Any = tree
    for part in path:
        found = found[part]
    return found
