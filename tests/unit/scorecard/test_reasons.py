from typing import Any

import pytest

from services.scorecard.reasons import Reasons, load_reasons
from services.scorecard.standard import standard_catalogue

REASONS = load_reasons()


def reasons(**patterns: list[str]) -> Reasons:
    texts: dict[str, Any] = {"against_en": "a", "against_fr": "b", "for_en": "c", "for_fr": "d"}
    groups = [{"code": code, "features": features, **texts} for code, features in patterns.items()]
    return Reasons.model_validate({"version": "1", "groups": groups})


def test_every_feature_of_the_catalogue_belongs_to_one_group() -> None:
    names = standard_catalogue().names
    used = REASONS.groups_of(names)
    assert set(used.tolist()) == set(range(len(REASONS.groups)))


@pytest.mark.parametrize("group", REASONS.groups, ids=lambda group: group.code)
def test_every_group_says_four_different_things(group: Any) -> None:  # noqa: ANN401 - hides no other type
    texts = {group.text(against=a, language=language) for a in (True, False) for language in ("en", "fr")}
    assert len(texts) == 4


def test_codes_are_unique() -> None:
    codes = [group.code for group in REASONS.groups]
    assert len(set(codes)) == len(codes)


def test_three_external_scores_are_one_reason() -> None:
    assert len(set(REASONS.groups_of(["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]).tolist())) == 1


def test_a_star_stands_for_any_part_of_a_name() -> None:
    assert reasons(FIRST=["A_*"], SECOND=["*_B"]).groups_of(["C_B", "A_", "A_C"]).tolist() == [1, 0, 0]


@pytest.mark.parametrize(("feature", "found"), [("C", "none"), ("A_B", "FIRST, SECOND")])
def test_a_feature_of_no_group_or_two_is_an_error(feature: str, found: str) -> None:
    with pytest.raises(ValueError, match=f"{feature}: must belong to one reason group, found {found}"):
        reasons(FIRST=["A_*"], SECOND=["*_B"]).groups_of([feature])
