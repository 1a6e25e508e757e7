"""The parts of the decision's page."""

from html import escape

import streamlit as st

from services.ui import palette
from services.ui.answers import Application, Decision
from services.ui.drawn import gauge, strips, waterfall
from services.ui.frame import section
from services.ui.known_model import base_rate, peers_of_champion
from services.ui.peers import comparisons
from services.ui.reader import Reader
from services.ui.reasons_told import rule_told, told
from services.ui.waterfall import BASE, REST, TOTAL, Step, steps


def draw_verdict(decision: Decision, reader: Reader) -> None:
    """Draw the outcome and what decided it in words, beside the gauge."""
    words, forms = reader.words, reader.forms
    ruled = " octroi-ruled" if decision.policy_rule else ""
    st.html(
        f'<section class="octroi-verdict octroi-{decision.outcome}{ruled}"><div class="octroi-verdict-words">'
        f'<div class="octroi-outcome"><b aria-hidden="true">{palette.SIGNS[decision.outcome]}</b>'
        f"<strong>{escape(words(f'outcome.{decision.outcome}'))}</strong></div>"
        f"<p>{escape(_because(decision, reader))}</p>"
        f"<dl><div><dt>{escape(words('decision.score'))}</dt>"
        f"<dd>{escape(words('decision.score_of', score=decision.score))}</dd></div>"
        f"<div><dt>{escape(words('decision.threshold'))}</dt>"
        f"<dd>{forms.percent(decision.threshold)}</dd></div></dl>"
        f"<small>{escape(_beside(decision, reader))}</small></div>"
        f"{gauge(decision, reader)}</section>"
    )


def _because(decision: Decision, reader: Reader) -> str:
    """Say what decided: a rule, or the threshold."""
    rule = rule_told(decision, reader.language)
    if rule is not None:
        return reader.words("outcome.by_rule", rule=rule)
    return reader.words(f"outcome.{decision.outcome}_long")


def _beside(decision: Decision, reader: Reader) -> str:
    """Say how far from the threshold the probability is, where that has decided."""
    if decision.policy_rule:
        return reader.words("decision.not_decisive")
    apart = decision.threshold - decision.probability_of_default
    side = "decision.distance_below" if apart > 0 else "decision.distance_above"
    return reader.words(side, points=reader.forms.number(abs(apart) * 100, 1))


def draw_reasons(decision: Decision, reader: Reader) -> None:
    """Draw what the model says, folded away where a rule has decided."""
    words, base = reader.words, base_rate()
    lead = words("decision.why_short" if base is None else "decision.why_lead")
    if decision.policy_rule:
        with st.expander(words("decision.why_model"), key="why-model"):
            st.caption(lead)
            _draw_waterfall(decision, base, reader)
        return
    section(words("decision.why"), lead)
    _draw_waterfall(decision, base, reader)


def _draw_waterfall(decision: Decision, base: float | None, reader: Reader) -> None:
    """Draw the way from all applicants to this one, reason by reason."""
    by_model = [reason for reason in decision.reasons if reason.code != decision.policy_rule]
    sentences = {reason.code: told(reason, reader.language) for reason in decision.reasons}
    contributions = [(reason.code, reason.contribution) for reason in by_model]
    found = steps(base or 0.0, contributions, decision.probability_of_default)
    if base is None:
        found = (Step(BASE, 0.0, found[1].end), *found[2:])
    names = [_name(step, sentences, reader, known=base is not None) for step in found]
    st.html(waterfall(found, names, decision.threshold, reader))


def _name(step: Step, sentences: dict[str, str], reader: Reader, *, known: bool) -> str:
    base = "decision.base" if known else "decision.start"
    plain = {BASE: base, REST: "decision.rest", TOTAL: "decision.total"}
    return reader.words(plain[step.code]) if step.code in plain else sentences[step.code]


def draw_peers(application: Application, decision: Decision, reader: Reader) -> None:
    """Draw how the applicant compares with others, where the champion's card tells of them."""
    peers = peers_of_champion()
    if not peers or not application.application:
        return
    first = [reason.code for reason in decision.reasons]
    compared = comparisons(peers, application.application, first, reader)
    if compared:
        section(reader.words("decision.peers"), reader.words("decision.peers_lead"))
        st.html(strips(compared, reader))


def draw_lineage(application: Application, decision: Decision, reader: Reader) -> None:
    """Draw where the decision comes from."""
    words = reader.words
    model = decision.model
    facts = [
        ("decision.id", application.application_id),
        ("decision.channel", application.channel or "\u2013"),
        (
            "decision.model",
            words("decision.model_version", name=model.name, version=model.version, role=model.role),
        ),
        ("decision.threshold", reader.forms.percent(decision.threshold, 2)),
        ("decision.policy", words("decision.version", version=decision.policy_version or "\u2013")),
        ("decision.catalogue", decision.catalogue_version or "\u2013"),
        ("decision.handed_in", reader.forms.moment(reader.here(application.submitted_at))),
    ]
    if decision.computed_at:
        facts.append(("decision.features_at", reader.forms.moment(reader.here(decision.computed_at))))
    if decision.decided_at:
        seconds = (decision.decided_at - application.submitted_at).total_seconds()
        facts.append(("decision.decided_at", reader.forms.moment(reader.here(decision.decided_at))))
        took = words("decision.took_value", seconds=reader.forms.number(seconds, 3))
        facts.append(("decision.took", took))
    told = [(escape(words(key)), escape(fact)) for key, fact in facts]
    rows = "".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in told)
    section(words("decision.lineage"))
    st.html(f'<dl class="octroi-facts">{rows}</dl>')
