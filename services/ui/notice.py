"""The notice for the client: a page to print, in plain words, without a probability or a score."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from services.ui.answers import Application, Decision
from services.ui.loan_terms import AMOUNT
from services.ui.locale_forms import forms_of
from services.ui.reasons_told import told_to_client
from services.ui.words import Language, Words, words_of

MOST_REASONS: Final = 4


def notice(
    application: Application,
    decision: Decision,
    language: Language,
    *,
    currency: str = "",
    contact: str = "",
) -> str:
    """Return the notice as a page that needs no other file.

    `contact` is how the client reaches the lender, its lines parted by semicolons; without it there is room.
    """
    words, forms = words_of(language), forms_of(language)
    when = decision.decided_at or application.submitted_at
    amount = (application.application or {}).get(AMOUNT)
    asked = words("notice.amount", amount=forms.amount(amount, currency)) if amount else ""
    told = {
        "title": words("notice.title"),
        "signature": words("notice.signature"),
        "date": words("notice.date", date=forms.day(when)),
        "reference": words("notice.reference", id=application.application_id),
        "amount": asked,
        "greeting": words("notice.greeting"),
        "answer": words(f"notice.{decision.outcome}"),
        "automatic": words("notice.automatic"),
        "rights_title": words("notice.rights_title"),
        "right_review": words("notice.right_review"),
        "right_data": words("notice.right_data"),
        "closing": words("notice.closing"),
    }
    text = files("services.ui").joinpath("notice.html").read_text(encoding="utf-8")
    return Template(text).substitute(
        {name: escape(sentence) for name, sentence in told.items()}
        | {"language": language, "contact": _contact(contact, words), "reasons": _reasons(decision, words)}
    )


def _contact(contact: str, words: Words) -> str:
    lines = [line.strip() for line in contact.split(";") if line.strip()]
    return "<br>".join(map(escape, lines or [words("notice.contact")]))


def _reasons(decision: Decision, words: Words) -> str:
    # Where a rule has decided, it is the reason, and what the model would have said is none.
    ruled = [reason for reason in decision.reasons if reason.code == decision.policy_rule]
    reasons = [told_to_client(reason, words) for reason in ruled or decision.reasons[:MOST_REASONS]]
    if not reasons:
        return ""
    opening = words("notice.reason_rule" if ruled else f"notice.reasons_{decision.outcome}")
    listed = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    return f"<p>{escape(opening)}</p><ul>{listed}</ul>"
