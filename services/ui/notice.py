"""The notice for the client: a page to print, in plain words, without a probability or a score."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from services.ui.answers import Application, Decision
from services.ui.locale_forms import forms_of
from services.ui.reasons_told import told
from services.ui.words import Language, words_of

MOST_REASONS: Final = 4


def notice(application: Application, decision: Decision, language: Language) -> str:
    """Return the notice as a page that needs no other file."""
    words, forms = words_of(language), forms_of(language)
    when = decision.decided_at or application.submitted_at
    # Where a rule has decided, it is the reason, and what the model would have said is none.
    ruled = [reason for reason in decision.reasons if reason.code == decision.policy_rule]
    reasons = [told(reason, language) for reason in ruled or decision.reasons[:MOST_REASONS]]
    listed = "".join(f"<li>{escape(reason)}.</li>" for reason in reasons)
    outcome = decision.outcome
    text = files("services.ui").joinpath("notice.html").read_text(encoding="utf-8")
    return Template(text).substitute(
        {
            "language": language,
            "title": escape(words("notice.title")),
            "signature": escape(words("notice.signature")),
            "date": escape(words("notice.date", date=forms.day(when))),
            "reference": escape(words("notice.reference", id=application.application_id)),
            "greeting": escape(words("notice.greeting")),
            "answer": escape(words(f"notice.{outcome}")),
            "weighed": escape(words("notice.reason_rule" if ruled else f"notice.reasons_{outcome}"))
            if reasons
            else "",
            "reasons": listed,
            "automatic": escape(words("notice.automatic")),
            "rights_title": escape(words("notice.rights_title")),
            "right_review": escape(words("notice.right_review")),
            "right_data": escape(words("notice.right_data")),
            "closing": escape(words("notice.closing")),
        }
    )
