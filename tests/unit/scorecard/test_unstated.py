import numpy as np
import pytest

from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.reasons import load_reasons
from services.scorecard.standard import standard_catalogue
from services.scorecard.unstated import sees_what_is_stated
from tests.models import FEATURES, small_bundle

CATALOGUE, REASONS = standard_catalogue(), load_reasons()


def sees(code: str, *features: str) -> bool:
    seen = sees_what_is_stated(REASONS.groups, features, CATALOGUE)
    return bool(seen[[group.code for group in REASONS.groups].index(code)])


def test_a_model_of_all_features_sees_whatever_is_stated() -> None:
    assert sees_what_is_stated(REASONS.groups, CATALOGUE.names, CATALOGUE).all()


@pytest.mark.parametrize(
    ("code", "features", "expected"),
    [
        ("CONTACT_DETAILS", ("FLAG_EMP_PHONE",), False),
        ("FAMILY", ("NAME_FAMILY_STATUS", "CNT_FAM_MEMBERS"), False),
        ("FAMILY", ("NAME_FAMILY_STATUS", "CNT_FAM_MEMBERS", "CNT_CHILDREN"), True),
        ("EDUCATION", (), False),
        ("EDUCATION", ("NAME_EDUCATION_TYPE",), True),
        # One feature of several is enough where it is made of all that the others are made of.
        ("CREDIT_ENQUIRIES", ("AMT_REQ_CREDIT_BUREAU_YEAR",), False),
        ("CREDIT_ENQUIRIES", ("ENQUIRY_SUM",), True),
        ("REGISTRATION", ("REGISTRATION_YEARS",), True),
        ("GOODS_PRICE", ("CREDIT_TO_GOODS",), True),
        ("LOAN_TERMS", ("IMPLIED_TERM",), True),
    ],
)
def test_a_model_sees_a_group_by_its_own_features(
    code: str, features: tuple[str, ...], *, expected: bool
) -> None:
    assert sees(code, *features) == expected


def test_features_of_another_catalogue_show_nothing() -> None:
    assert not sees("EDUCATION", "EDUCATION_YEARS")


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        ("FLAG_EMP_PHONE", "The contact details given raise the risk"),
        ("NAME_EDUCATION_TYPE", "The level of education is not stated, or not known to the model"),
    ],
)
def test_a_model_says_that_something_is_missing_where_it_would_see_it(feature: str, text: str) -> None:
    model = ready(small_bundle(features=(*FEATURES, feature)), load_policy(), CATALOGUE)
    contributions = np.array([[group.has(feature) for group in REASONS.groups]], dtype=np.float64)
    nothing = np.full((1, len(FEATURES) + 1), np.nan, dtype=np.float32)
    no_rule = np.array([len(model.policy.rules)])
    [[reason]] = model.writer.strongest(["refused"], no_rule, contributions, nothing)
    assert reason.text == text
