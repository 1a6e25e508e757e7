"""A candidate beside the champion that a real MLflow server names: whole, damaged, foreign, or moved."""

import os
from collections.abc import Iterator
from dataclasses import replace
from json import dumps, loads
from unittest.mock import patch
from uuid import uuid4

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.scorecard.bundle import METADATA_FILE, Bundle, to_files
from services.scorecard.calibration import Calibration
from services.scorecard.columns import columns_of
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidacy import judge_beside_champion, refuse_larger_share, take_role
from services.training.candidate import probabilities_on
from services.training.data import LabelledData
from services.training.register import Registry
from services.training.verdict import Verdict
from tests.integration.training.test_promotion import GOOD, Model
from tests.models import small_bundle

pytestmark = pytest.mark.mlflow

ROWS = 600
CATALOGUE, POLICY = standard_catalogue(), load_policy()
CANDIDATE = small_bundle(seed=2)


@pytest.fixture(scope="module")
def unseen() -> LabelledData:
    """Rows of which those that the candidate thinks likeliest to default mostly did."""
    random = np.random.default_rng(3)
    told = [
        {**APPLICATION, "EXT_SOURCE_2": score, "EXT_SOURCE_3": other}
        for score, other in random.random((ROWS, 2)).tolist()
    ]
    matrix = CATALOGUE.compute(columns_of([LoanApplication.model_validate(each) for each in told]))
    rows = LabelledData(matrix, np.zeros(ROWS, dtype=np.bool_), np.arange(ROWS), "none")
    found = probabilities_on(rows, ready(CANDIDATE, POLICY, CATALOGUE), CATALOGUE)
    return replace(rows, defaulted=found + random.normal(0, 0.1, ROWS) > np.quantile(found, 0.75))


@pytest.fixture
def model(mlflow_uri: str) -> Model:
    made = Model(mlflow_uri.rstrip("/"), f"judged-{uuid4().hex[:8]}")
    made.ask("POST", "registered-models/create", name=made.name)
    return made


@pytest.fixture
def registry(model: Model) -> Iterator[Registry]:
    # What connecting sets is no other test's.
    with patch.dict(os.environ):
        connected = Registry(model.uri)
        connected.connect()
        yield connected


def named(model: Model, bundle: Bundle = CANDIDATE) -> Bundle:
    return bundle.model_copy(update={"model_name": model.name})


def judged(registry: Registry, model: Model, unseen: LabelledData) -> Verdict:
    return judge_beside_champion(registry, named(model), unseen, CATALOGUE, POLICY, say=print)


def of_format(number: int) -> dict[str, bytes]:
    metadata = {**loads(GOOD[METADATA_FILE]), "format_version": number}
    return {**GOOD, METADATA_FILE: dumps(metadata).encode()}


def test_a_champion_that_has_changed_since_it_was_compared_keeps_its_place(
    registry: Registry, model: Model, unseen: LabelledData
) -> None:
    for _ in range(4):
        model.add(GOOD)
    model.point("champion", "1")
    verdict = replace(judged(registry, model, unseen), role="champion", reason="Better beyond noise.")
    # Another training ends first: it was judged beside version 1 too, and so may take its place.
    assert "version 2 is the champion. Better beyond noise." in take_role(registry, model.name, "2", verdict)
    said = take_role(registry, model.name, "3", verdict)
    assert model.aliases() == {"champion": "2", "previous-champion": "1", "challenger": "3"}
    assert "version 3 is the challenger. It was judged beside champion version 1, and version 2 is" in said


def test_a_first_champion_meanwhile_is_a_champion_too(
    registry: Registry, model: Model, unseen: LabelledData
) -> None:
    verdict = judged(registry, model, unseen)
    assert (verdict.role, verdict.judged_beside) == ("champion", None)
    for _ in range(2):
        model.add(GOOD)
    model.point("champion", "1")
    assert "version 2 is the challenger. It was judged beside no champion, and version 1 is" in take_role(
        registry, model.name, "2", verdict
    )
    assert model.aliases() == {"champion": "1", "challenger": "2"}


ENDLESS = small_bundle().model_copy(update={"calibration": Calibration(slope=1e308, intercept=1e308)})


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({**GOOD, "booster.json": GOOD["booster.json"] + b" "}, id="damaged"),
        pytest.param({METADATA_FILE: b"{}"}, id="no bundle"),
        pytest.param({}, id="no files"),
        pytest.param(to_files(ENDLESS), id="no probabilities"),
    ],
)
def test_a_champion_that_cannot_be_compared_is_not_replaced_unseen(
    registry: Registry, model: Model, unseen: LabelledData, files: dict[str, bytes]
) -> None:
    model.point("champion", model.add(files))
    refuse_larger_share(registry, model.name, 0.5)
    verdict = judged(registry, model, unseen)
    assert verdict.role == "challenger"
    assert verdict.reason.startswith("Every check is passed, but nothing was compared: champion version 1 ")
    assert "(make promote VERSION=), and train again" in verdict.reason
    take_role(registry, model.name, model.add(GOOD), verdict)
    assert model.aliases() == {"champion": "1", "challenger": "2"}


def test_a_champion_of_another_format_is_replaced_and_it_is_said_that_nothing_was_compared(
    registry: Registry, model: Model, unseen: LabelledData
) -> None:
    model.point("champion", model.add(of_format(2)))
    refuse_larger_share(registry, model.name, 0.5)
    verdict = judged(registry, model, unseen)
    assert verdict.role == "champion"
    assert "Nothing was compared with champion version 1, which is of another release" in verdict.reason
    take_role(registry, model.name, model.add(GOOD), verdict)
    assert model.aliases() == {"champion": "2", "previous-champion": "1"}
