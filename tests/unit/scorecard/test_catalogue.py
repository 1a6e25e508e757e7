from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.application import LoanApplication
from services.scorecard.catalogue import Catalogue, FeatureBlock, FeatureDefinition, Matrix
from services.scorecard.columns import CATEGORY_COLUMNS, IDENTIFIER, NUMBER_COLUMNS, columns_of
from services.scorecard.standard import standard_catalogue
from services.scorecard.words import KNOWN_WORDS
from tests.unit.scorecard.applications import application, random_cells

CATALOGUE = standard_catalogue()
DEFINITION = FeatureDefinition("NAME", "a formula", ("AMT_CREDIT",))


def matrix_of(cells: list[dict[str, object]]) -> Matrix:
    return CATALOGUE.compute(columns_of([LoanApplication.model_validate(row) for row in cells]))


def feature(name: str, **cells: object) -> float:
    return float(CATALOGUE.compute(columns_of([application(**cells)]))[0, CATALOGUE.names.index(name)])


@pytest.mark.parametrize(
    "changed",
    [
        replace(DEFINITION, name="OTHER"),
        replace(DEFINITION, formula="another formula"),
        replace(DEFINITION, sources=("AMT_ANNUITY",)),
        replace(DEFINITION, revision=2),
        replace(DEFINITION, categories=("a",)),
    ],
)
def test_a_definitions_hash_covers_all_that_it_says(changed: FeatureDefinition) -> None:
    assert changed.described().definition != DEFINITION.described().definition


def test_hash_and_version_are_short_and_hexadecimal() -> None:
    for digest in (CATALOGUE.version, DEFINITION.described().definition):
        assert len(bytes.fromhex(digest)) == 6


def test_the_version_depends_on_the_order() -> None:
    other = FeatureDefinition("OTHER", "a formula", ("AMT_CREDIT",))

    def version(*definitions: FeatureDefinition) -> str:
        return Catalogue((FeatureBlock(definitions, lambda columns: columns.numbers),)).version

    assert version(DEFINITION, other) != version(other, DEFINITION)


def test_names_are_unique_and_sources_are_columns() -> None:
    assert len(set(CATALOGUE.names)) == len(CATALOGUE.names)
    for definition in CATALOGUE.definitions:
        assert set(definition.sources) <= {*NUMBER_COLUMNS, *CATEGORY_COLUMNS}
        assert definition.sources


def test_every_column_but_the_loans_number_is_a_feature() -> None:
    assert {*NUMBER_COLUMNS, *CATEGORY_COLUMNS} <= set(CATALOGUE.names)
    assert IDENTIFIER not in CATALOGUE.names


def test_a_new_word_makes_another_feature() -> None:
    [education] = [d for d in CATALOGUE.definitions if d.name == "NAME_EDUCATION_TYPE"]
    assert education.categories == KNOWN_WORDS["NAME_EDUCATION_TYPE"]
    longer = replace(education, categories=(*education.categories, "Doctorate"))
    assert longer.described() != education.described()


def test_the_catalogue_describes_itself() -> None:
    described = CATALOGUE.described()
    assert described.catalogue_version == CATALOGUE.version
    assert tuple(f.name for f in described.features) == CATALOGUE.names


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 12), missing=st.sampled_from([0, 0.3, 1]))
def test_any_batch_gives_numbers_or_nan(seed: int, rows: int, missing: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        matrix = matrix_of(random_cells(seed, rows, missing))
    assert matrix.shape == (rows, len(CATALOGUE.names))
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    assert not np.isinf(matrix).any()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(1, 12))
def test_a_row_has_the_same_features_alone_and_in_any_batch(seed: int, rows: int) -> None:
    cells = random_cells(seed, rows)
    matrix = matrix_of(cells)
    np.testing.assert_array_equal(np.vstack([matrix_of([row]) for row in cells]), matrix)
    np.testing.assert_array_equal(matrix_of(cells[::-1]), matrix[::-1])


def test_unknown_and_missing_words_are_missing_features() -> None:
    assert np.isnan(feature("ORGANIZATION_TYPE", ORGANIZATION_TYPE="Circus"))
    assert np.isnan(feature("ORGANIZATION_TYPE"))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("CREDIT_TO_ANNUITY", {}),
        ("INCOME_PER_PERSON", {"CNT_FAM_MEMBERS": 0.0}),
        ("CHILDREN_SHARE", {"CNT_CHILDREN": 0.0, "CNT_FAM_MEMBERS": 0.0}),
        ("EMPLOYED_TO_AGE", {"DAYS_EMPLOYED": 365243.0}),
        ("EXT_SOURCE_MEAN", {}),
        ("EXT_SOURCE_SPREAD", {}),
        ("EXT_SOURCE_PRODUCT", {"EXT_SOURCE_1": 0.5, "EXT_SOURCE_2": 0.5}),
        ("ENQUIRY_SUM", {}),
    ],
)
def test_where_there_is_no_answer_a_feature_is_missing(name: str, cells: dict[str, object]) -> None:
    assert np.isnan(feature(name, **cells))
