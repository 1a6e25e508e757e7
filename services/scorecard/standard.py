"""The catalogue in force."""

from services.scorecard.catalogue import Catalogue
from services.scorecard.features_domain import applicant_features, loan_features, summary_features
from services.scorecard.features_raw import category_features, number_features


def standard_catalogue() -> Catalogue:
    """Return the features that this release computes, in the order of its vectors."""
    return Catalogue(
        (number_features(), category_features(), loan_features(), applicant_features(), summary_features())
    )
