import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.catalogue import CatalogueDescribed, FeatureDescription
from services.contracts.codec import decode, encode
from services.contracts.event import RecordPosition
from services.contracts.events import ApplicationDecided, FeaturesComputed, ModelIdentity, ModelRole
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.contracts.topics import DECISIONS
from services.contracts.vector import pack
from services.kit.records import Emit, Hold, Message, Partition, Record, Reject
from services.scorecard.calibration import Calibration
from services.scorecard.columns import columns_of
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scoring.binding import Bindings, UnboundError
from services.scoring.catalogues import Catalogues
from services.scoring.handler import NO_CHAMPION, ScoringHandler
from services.scoring.models import LoadedModel, Models
from services.scoring.trials import Trials
from tests.models import small_bundle

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CATALOGUE = standard_catalogue()
POSITION = RecordPosition(event_id="e", topic="loan.applications.v1", partition=0, offset=1)


def loaded(role: ModelRole = "champion", version: str = "1", seed: int = 1) -> LoadedModel:
    model = ready(small_bundle(seed=seed), load_policy(), CATALOGUE)
    return LoadedModel(ModelIdentity(name="octroi-scorecard", version=version, role=role), model)


def vectors(*applications: dict[str, object]) -> list[str]:
    parsed = [LoanApplication.model_validate(cells) for cells in applications]
    return pack(CATALOGUE.compute(columns_of(parsed)))


def record(
    vector: str, offset: int = 0, *, catalogue_version: str = CATALOGUE.version, name: str = "a"
) -> Record:
    event = FeaturesComputed(
        application_id=name,
        catalogue_version=catalogue_version,
        vector=vector,
        channel="web",
        contract_type="Cash loans",
        submitted_at=NOW,
        computed_at=NOW,
        application=POSITION,
    )
    encoded = encode(event, event_id=f"f-{offset}", source="octroi/feature", request_id="request-1")
    return Record(Partition("loan.features.v1", 2), offset, 1, *encoded)


class Bench:
    """A handler with what it depends on within reach."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self.catalogues = Catalogues(CATALOGUE)
        self.missing: list[tuple[str, tuple[str, ...]]] = []
        bindings = Bindings(
            self.catalogues, lambda _, version, error: self.missing.append((version, error.absent))
        )
        trials = Trials(CATALOGUE, bindings, now=lambda: NOW)
        self.handler = ScoringHandler(lambda: self.models, bindings, trials, now=lambda: NOW)

    def describe(self, version: str, features: tuple[FeatureDescription, ...]) -> None:
        described = CatalogueDescribed(catalogue_version=version, features=features)
        encoded = encode(described, event_id=version, source="octroi/feature")
        self.catalogues.take(Record(Partition("loan.catalogues.v1", 0), 0, 1, *encoded))


def decision_of(result: object) -> ApplicationDecided:
    assert isinstance(result, Emit)
    (message,) = result.items
    assert isinstance(message, Message)
    assert message.topic == DECISIONS.name
    return decode(ApplicationDecided, message.value, message.headers)


@pytest.fixture
def bench() -> Bench:
    return Bench(Models(champion=loaded()))


def test_decisions_carry_model_reasons_and_lineage(bench: Bench) -> None:
    first, second = vectors(APPLICATION, SMALLEST_APPLICATION)
    results = bench.handler([record(first, 4, name="first"), record(second, 5, name="second")])
    decided = [decision_of(result) for result in results]
    assert [decision.application_id for decision in decided] == ["first", "second"]
    assert decided[0].model == ModelIdentity(name="octroi-scorecard", version="1", role="champion")
    assert decided[0].lineage.application == POSITION
    assert decided[0].lineage.features.offset == 4
    assert all(decision.reasons for decision in decided)
    assert (decided[0].channel, decided[0].contract_type) == ("web", "Cash loans")
    assert decided[0].outcome == (
        "refused" if decided[0].probability_of_default >= decided[0].threshold else "approved"
    )


def test_a_batch_decides_as_single_records_do(bench: Bench) -> None:
    records = [record(vector, n) for n, vector in enumerate(vectors(APPLICATION, SMALLEST_APPLICATION))]
    together = [decision_of(result) for result in bench.handler(records)]
    alone = [decision_of(bench.handler([one])[0]) for one in records]
    assert together == alone


def test_without_a_champion_everything_waits() -> None:
    results = Bench(Models()).handler([record(vectors(APPLICATION)[0])])
    assert isinstance(results[0], Hold)
    assert results[0].reason == NO_CHAMPION


def test_what_waits_tells_why_there_is_no_champion() -> None:
    away = Models(without_champion="no champion is known: the registry is away")
    assert Bench(away).handler([record(vectors(APPLICATION)[0])]) == [Hold(str(away.without_champion))]


def test_vectors_of_an_unknown_catalogue_wait_until_it_is_described(bench: Bench) -> None:
    (vector,) = vectors(APPLICATION)
    own = bench.handler([record(vector)])[0]
    strange = record(vector, catalogue_version="another")
    assert isinstance(bench.handler([strange])[0], Hold)
    bench.describe("another", CATALOGUE.features)
    probability = decision_of(own).probability_of_default
    assert decision_of(bench.handler([strange])[0]).probability_of_default == probability


def test_features_in_another_order_give_the_same_decision(bench: Bench) -> None:
    order = np.random.default_rng(3).permutation(len(CATALOGUE.names))
    bench.describe("shuffled", tuple(CATALOGUE.features[place] for place in order))
    matrix = CATALOGUE.compute(columns_of([LoanApplication.model_validate(APPLICATION)]))
    straight = decision_of(bench.handler([record(pack(matrix)[0])])[0])
    shuffled = bench.handler([record(pack(matrix[:, order])[0], catalogue_version="shuffled")])
    assert decision_of(shuffled[0]).reasons == straight.reasons
    assert decision_of(shuffled[0]).probability_of_default == straight.probability_of_default


def test_a_vector_that_lacks_a_feature_is_held_and_reported_once(bench: Bench) -> None:
    kept = [place for place, name in enumerate(CATALOGUE.names) if name != "EXT_SOURCE_2"]
    bench.describe("poorer", tuple(CATALOGUE.features[place] for place in kept))
    matrix = CATALOGUE.compute(columns_of([LoanApplication.model_validate(APPLICATION)]))
    poorer = record(pack(matrix[:, kept])[0], catalogue_version="poorer")
    healthy = record(pack(matrix)[0], 1)
    held, decided = bench.handler([poorer, healthy])
    assert isinstance(held, Hold)
    assert "EXT_SOURCE_2" in held.reason
    assert decision_of(decided).application_id == "a"
    bench.handler([poorer])
    assert bench.missing == [("poorer", ("EXT_SOURCE_2",))]


def test_a_challenger_that_becomes_champion_without_its_features_is_reported_again(bench: Bench) -> None:
    poorer = tuple(feature for feature in CATALOGUE.features if feature.name != "EXT_SOURCE_2")
    bench.describe("poorer", poorer)
    reported: list[str] = []
    bindings = Bindings(bench.catalogues, lambda one, _, __: reported.append(one.identity.role))
    for model in (loaded("challenger"), loaded("champion"), loaded("champion")):
        with pytest.raises(UnboundError, match="EXT_SOURCE_2"):
            bindings.positions(model, "poorer")
    assert reported == ["challenger", "champion"]


def test_a_broken_vector_is_refused_and_its_neighbours_are_not(bench: Bench) -> None:
    good = record(vectors(APPLICATION)[0])
    value = json.loads(good.value or b"")
    unreadable = good._replace(value=json.dumps({**value, "catalogue_version": 7}).encode())
    results = bench.handler([good, unreadable, good])
    assert [type(result) for result in results] == [Emit, Reject, Emit]


def test_the_challenger_gives_an_opinion_and_decides_nothing(bench: Bench) -> None:
    one = record(vectors(APPLICATION)[0])
    alone = decision_of(bench.handler([one])[0])
    bench.models = replace(bench.models, challenger=loaded("challenger", "2", seed=9))
    beside = decision_of(bench.handler([one])[0])
    assert beside.shadow is not None
    assert beside.shadow.model.version == "2"
    assert beside.shadow.probability_of_default != alone.probability_of_default
    assert beside.model_copy(update={"shadow": None}) == alone


def test_a_challenger_that_gives_no_probability_has_no_opinion(bench: Bench) -> None:
    one = record(vectors(APPLICATION)[0])
    alone = decision_of(bench.handler([one])[0])
    bundle = small_bundle().model_copy(update={"calibration": Calibration(slope=1e308, intercept=1.7e308)})
    broken = replace(loaded("challenger", "2"), model=ready(bundle, load_policy(), CATALOGUE))
    bench.models = replace(bench.models, challenger=broken)
    with np.errstate(over="ignore"):
        assert decision_of(bench.handler([one])[0]) == alone


def test_models_are_swapped_between_batches(bench: Bench) -> None:
    one = record(vectors(APPLICATION)[0])
    before = decision_of(bench.handler([one])[0])
    bench.models = Models(champion=loaded(version="2", seed=5))
    after = decision_of(bench.handler([one])[0])
    assert (before.model.version, after.model.version) == ("1", "2")
    assert before.probability_of_default != after.probability_of_default
