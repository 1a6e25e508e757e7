import numpy as np
import pytest

from services.sample.dice import Columns
from services.sample.population import ARRIVING, OBSERVED, Population
from services.sample.rows import applications

PERIODS = ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")


def whole(population: Population, rows: int, **options: int) -> Columns:
    chunks = list(applications(population, rows, seed=7, **options))
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


@pytest.fixture(scope="module")
def observed() -> Columns:
    return whole(OBSERVED, 15_000)


@pytest.fixture(scope="module")
def arriving() -> Columns:
    return whole(ARRIVING, 15_000)


def share_missing(columns: Columns, name: str) -> float:
    column = columns[name]
    return float(np.mean(np.isnan(column) if column.dtype.kind == "f" else column == ""))


def area_under_curve(defaulted: np.ndarray, risk: np.ndarray) -> float:
    """Share of pairs of a default and a paid loan in which the default has the higher risk."""
    ranks = np.empty(len(risk))
    ranks[np.argsort(risk)] = np.arange(1, len(risk) + 1)
    bad = int(defaulted.sum())
    return float((ranks[defaulted == 1].sum() - bad * (bad + 1) / 2) / (bad * (len(risk) - bad)))


def test_the_size_of_a_chunk_changes_no_row() -> None:
    in_one = whole(OBSERVED, 1_000)
    in_many = whole(OBSERVED, 1_000, chunk=137)
    for name, column in in_one.items():
        np.testing.assert_array_equal(column, in_many[name], err_msg=name)


def test_eight_per_cent_default(observed: Columns) -> None:
    assert observed["TARGET"].mean() == pytest.approx(0.08, abs=0.005)


def test_low_scores_default_more_often(observed: Columns) -> None:
    scores = np.array([observed[f"EXT_SOURCE_{number}"] for number in (1, 2, 3)])
    known = ~np.isnan(scores).all(axis=0)
    mean = np.nanmean(scores[:, known], axis=0)
    assert 0.66 < area_under_curve(observed["TARGET"][known], -mean) < 0.76
    second = ~np.isnan(scores[1])
    assert 0.62 < area_under_curve(observed["TARGET"][second], -scores[1][second]) < 0.70


def test_weak_causes_point_the_right_way(observed: Columns) -> None:
    def rate(where: np.ndarray) -> float:
        return float(observed["TARGET"][where].mean())

    assert rate(observed["CODE_GENDER"] == "M") > rate(observed["CODE_GENDER"] == "F")
    assert rate(observed["REGION_RATING_CLIENT"] == 3) > rate(observed["REGION_RATING_CLIENT"] == 1)
    assert rate(observed["DAYS_BIRTH"] > -11_000) > rate(observed["DAYS_BIRTH"] < -20_000)
    markup = observed["AMT_CREDIT"] / observed["AMT_GOODS_PRICE"]
    assert rate(markup > 1.25) > rate(markup < 1.1)


def test_without_work_there_is_no_employer(observed: Columns) -> None:
    without = np.isin(observed["NAME_INCOME_TYPE"], ("Pensioner", "Unemployed"))
    assert 0.16 < without.mean() < 0.2
    for name, code in (
        ("ORGANIZATION_TYPE", "XNA"),
        ("DAYS_EMPLOYED", 365_243),
        ("FLAG_EMP_PHONE", 0),
    ):
        np.testing.assert_array_equal(observed[name] == code, without, err_msg=name)
    assert (observed["OCCUPATION_TYPE"][without] == "").all()
    assert (observed["FLAG_WORK_PHONE"][without] == 0).all()


def test_nobody_has_worked_since_childhood(observed: Columns) -> None:
    working = observed["DAYS_EMPLOYED"] <= 0
    assert (observed["DAYS_EMPLOYED"] - observed["DAYS_BIRTH"])[working].min() > 16 * 365


def test_a_family_is_the_applicant_the_partner_and_the_children(observed: Columns) -> None:
    partner = np.isin(observed["NAME_FAMILY_STATUS"], ("Married", "Civil marriage"))
    np.testing.assert_array_equal(observed["CNT_FAM_MEMBERS"], 1 + partner + observed["CNT_CHILDREN"])


def test_only_owners_have_the_age_of_a_car(observed: Columns) -> None:
    np.testing.assert_array_equal(np.isnan(observed["OWN_CAR_AGE"]), observed["FLAG_OWN_CAR"] == "N")


def test_a_loan_adds_up(observed: Columns) -> None:
    cash = (observed["NAME_CONTRACT_TYPE"] == "Cash loans") & ~np.isnan(observed["AMT_ANNUITY"])
    ratio = (observed["AMT_CREDIT"] / observed["AMT_GOODS_PRICE"])[cash]
    assert ratio.min() > 0.999
    assert ratio.max() < 1.6
    annuity = (observed["AMT_ANNUITY"] / observed["AMT_CREDIT"])[cash]
    assert 0.018 < annuity.min() < annuity.max() < 0.125
    limits = observed["AMT_CREDIT"][~cash]
    assert (limits % 45_000 == 0).mean() > 0.98


def test_columns_are_missing_in_groups(observed: Columns) -> None:
    for stem in ("APARTMENTS", "ELEVATORS", "YEARS_BUILD", "NONLIVINGAREA"):
        for variant in ("MODE", "MEDI"):
            np.testing.assert_array_equal(
                np.isnan(observed[f"{stem}_{variant}"]), np.isnan(observed[f"{stem}_AVG"])
            )
    unknown = observed["EMERGENCYSTATE_MODE"] == ""
    for stem in ("APARTMENTS_AVG", "FLOORSMIN_MEDI", "TOTALAREA_MODE"):
        assert np.isnan(observed[stem][unknown]).all()
    no_record = np.isnan(observed["AMT_REQ_CREDIT_BUREAU_YEAR"])
    for period in PERIODS:
        np.testing.assert_array_equal(np.isnan(observed[f"AMT_REQ_CREDIT_BUREAU_{period}"]), no_record)
    assert np.isnan(observed["EXT_SOURCE_3"][no_record]).all()
    no_circle = np.isnan(observed["OBS_30_CNT_SOCIAL_CIRCLE"])
    for count in ("DEF_30", "OBS_60", "DEF_60"):
        np.testing.assert_array_equal(np.isnan(observed[f"{count}_CNT_SOCIAL_CIRCLE"]), no_circle)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("EXT_SOURCE_1", 0.56),
        ("EXT_SOURCE_3", 0.20),
        ("EXT_SOURCE_2", 0.003),
        ("OCCUPATION_TYPE", 0.31),
        ("EMERGENCYSTATE_MODE", 0.49),
        ("COMMONAREA_AVG", 0.70),
        ("OWN_CAR_AGE", 0.66),
        ("AMT_REQ_CREDIT_BUREAU_YEAR", 0.135),
        ("AMT_INCOME_TOTAL", 0),
    ],
)
def test_as_many_cells_are_missing_as_in_the_source(observed: Columns, name: str, share: float) -> None:
    assert share_missing(observed, name) == pytest.approx(share, abs=0.02)


def test_the_variants_of_a_building_measure_agree(observed: Columns) -> None:
    for stem in ("APARTMENTS", "LIVINGAREA", "FLOORSMAX", "YEARS_BUILD"):
        average = observed[f"{stem}_AVG"]
        known = ~np.isnan(average)
        assert np.corrcoef(average[known], observed[f"{stem}_MODE"][known])[0, 1] > 0.95
        assert np.corrcoef(average[known], observed[f"{stem}_MEDI"][known])[0, 1] > 0.99


def test_friends_who_were_late_could_be_seen(observed: Columns) -> None:
    known = ~np.isnan(observed["OBS_30_CNT_SOCIAL_CIRCLE"])
    for days in (30, 60):
        seen = observed[f"OBS_{days}_CNT_SOCIAL_CIRCLE"][known]
        assert (observed[f"DEF_{days}_CNT_SOCIAL_CIRCLE"][known] <= seen).all()


def test_there_is_one_main_document_at_most(observed: Columns) -> None:
    main = np.array([observed[f"FLAG_DOCUMENT_{number}"] for number in (3, 6, 8)])
    assert main.sum(axis=0).max() == 1
    rare = [observed[f"FLAG_DOCUMENT_{number}"].mean() for number in (2, 4, 7, 10, 12, 21)]
    assert max(rare) < 0.002


def test_arriving_applications_have_drifted(observed: Columns, arriving: Columns) -> None:
    def change(name: str) -> float:
        return float(np.nanmean(arriving[name]) / np.nanmean(observed[name]))

    revolving = [float(np.mean(each["NAME_CONTRACT_TYPE"] != "Cash loans")) for each in (observed, arriving)]
    assert revolving == pytest.approx([0.10, 0.01], abs=0.01)
    assert 0.80 < change("AMT_CREDIT") < 0.92
    assert 0.80 < change("AMT_GOODS_PRICE") < 0.92
    assert 1.04 < change("AMT_ANNUITY") < 1.15
    assert 1.03 < change("AMT_INCOME_TOTAL") < 1.12
    assert 1.07 < change("DAYS_LAST_PHONE_CHANGE") < 1.20
    assert change("AMT_REQ_CREDIT_BUREAU_QRT") > 1.5
    assert change("AMT_REQ_CREDIT_BUREAU_MON") < 0.1


def test_people_have_not_drifted(observed: Columns, arriving: Columns) -> None:
    for name in ("DAYS_BIRTH", "EXT_SOURCE_3", "CNT_CHILDREN", "REGION_RATING_CLIENT"):
        assert np.nanmean(arriving[name]) == pytest.approx(np.nanmean(observed[name]), rel=0.03)
