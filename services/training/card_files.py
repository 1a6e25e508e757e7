"""The files of a model card: the card twice, and its figures as pictures and as a page to look into."""

from services.scorecard.performance import Defaulted, Probabilities
from services.training.candidate import Candidate
from services.training.card import html, markdown
from services.training.card_facts import CardFacts
from services.training.explore import explore
from services.training.plots import decision_plots, plots


def card_files(
    candidate: Candidate, facts: CardFacts, defaulted: Defaulted, found: Probabilities
) -> dict[str, bytes]:
    """Return each file by its name; `found` are the probabilities of the rows set apart, shape (rows,)."""
    figures = plots(candidate) | decision_plots(defaulted, found, facts.threshold, facts.fairness)
    return {
        **figures,
        "card.md": markdown(facts).encode(),
        "card.html": html(facts, figures).encode(),
        "figures.html": explore(candidate).encode(),
    }
