"""The model card: what a stranger must know of a model, as Markdown and as a page."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import pairwise
from mimetypes import guess_type
from typing import Final
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.training.card_facts import CardFacts
from services.training.card_summary import summary
from services.training.card_tables import sections
from services.training.markdown_text import plain

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{content}</main>
</body>
</html>
"""


def markdown(facts: CardFacts) -> str:
    """Return the card as Markdown; figures are named by their files, which belong beside it.

    Raises KeyError when a metric that the summary tells is not among the facts.
    """
    told = [f"# Model card: {plain(facts.model_name)}", summary(facts)]
    told += [f"## {title}\n\n{text}" for title, text in sections(facts).items()]
    return "\n\n".join(told) + "\n"


def html(facts: CardFacts, figures: Mapping[str, bytes]) -> str:
    """Return the same as a page that needs no other file; `figures` holds the pictures by file name.

    Raises ValueError when a figure of the facts has no picture, KeyError as `markdown` does.
    """
    missing = sorted(facts.figures.keys() - figures.keys())
    if missing:
        raise ValueError(f"figures: pictures of {', '.join(missing)} are missing; draw them, or name fewer")
    # HTML within the Markdown stays text: names in it come from data.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown(facts))
    _name_headings(tokens)
    _inline_pictures(tokens, figures)
    content = str(parser.renderer.render(tokens, parser.options, {}))
    # A wide table scrolls by itself instead of widening the page.
    content = content.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")
    style = files("services.training").joinpath("card.css").read_text(encoding="utf-8")
    return _PAGE.format(title=escape(f"Model card: {facts.model_name}"), style=style, content=content)


def _name_headings(tokens: Sequence[Token]) -> None:
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", text.content.lower().replace(" ", "-"))


def _inline_pictures(tokens: Sequence[Token], figures: Mapping[str, bytes]) -> None:
    for picture in (child for token in tokens for child in token.children or () if child.type == "image"):
        name = unquote(str(picture.attrGet("src")))
        kind = guess_type(name)[0] or "image/png"
        picture.attrSet("src", f"data:{kind};base64,{b64encode(figures[name]).decode()}")
