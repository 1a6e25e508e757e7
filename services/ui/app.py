"""The application: its pages, its look, and the language."""

from pathlib import Path
from typing import Final

import streamlit as st

from services.ui.reader import Reader, choose_language, current_reader
from services.ui.words import LANGUAGES

HERE: Final = Path(__file__).parent
SECTIONS: Final = {
    "decide": (
        ("new", ":material/edit_document:"),
        ("decision", ":material/gavel:"),
        ("whatif", ":material/tune:"),
    ),
    "follow": (("history", ":material/manage_search:"), ("batch", ":material/upload_file:")),
    "understand": (("model", ":material/monitoring:"), ("monitoring", ":material/vital_signs:")),
}
"""Pages by section, each with its icon."""


def main() -> None:
    """Draw the page that the address names."""
    icon = str(HERE / "icon.svg")
    st.set_page_config(page_title="Octroi · Prêt à dépenser", page_icon=icon, layout="wide")
    st.html(HERE / "style.css")
    reader = current_reader()
    # Streamlit's page says that it is English, and would be read aloud so.
    script = f'<script>document.documentElement.lang = "{reader.language}"</script>'
    st.html(script, unsafe_allow_javascript=True)
    page = st.navigation(_pages(reader))
    st.set_page_config(page_title=f"{page.title} \u2013 Octroi")
    st.logo(str(HERE / "logo.svg"), size="large", icon_image=icon)
    with st.sidebar:
        _choose_language(reader)
    page.run()


def _pages(reader: Reader) -> dict[str, list[st.Page]]:
    words = reader.words
    return {
        words(f"section.{section}"): [
            st.Page(
                HERE / f"page_{name}.py",
                title=words(f"{name}.title"),
                icon=icon,
                url_path=name,
                default=name == "new",
            )
            for name, icon in pages
        ]
        for section, pages in SECTIONS.items()
    }


def _choose_language(reader: Reader) -> None:
    names = {"fr": "Français", "en": "English"}
    st.session_state["language-choice"] = reader.language
    st.segmented_control(
        reader.words("language"),
        LANGUAGES,
        key="language-choice",
        format_func=lambda language: names[language],
        on_change=choose_language,
        required=True,
    )


if __name__ == "__main__":
    main()
