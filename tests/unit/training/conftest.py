"""A candidate trained on a small sample, made once for all tests that look at it."""

import pytest

from services.sample.files import write_sample
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidate import Candidate, make_candidate
from services.training.command_line import parse
from services.training.data import LabelledData, read
from services.training.options import Options


@pytest.fixture(scope="session")
def options() -> Options:
    return parse(["--data", "folder", "--trees", "20", "--rate", "0.2", "--folds", "3"])


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, options: Options) -> LabelledData:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, rows=2500, unlabelled=1, seed=4)
    return read(folder, standard_catalogue(), options.folds)


@pytest.fixture(scope="session")
def candidate(data: LabelledData, options: Options) -> Candidate:
    return make_candidate(data, standard_catalogue(), load_policy(), options, print)
