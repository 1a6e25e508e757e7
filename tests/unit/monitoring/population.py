"""Applications of the sample, the champion that watches them, and the events that tell of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.contracts.codec import encode
from services.contracts.events import ApplicationDecided, FeaturesComputed, ShadowOpinion
from services.contracts.examples import EXAMPLES
from services.contracts.topics import DECISIONS, FEATURES
from services.contracts.vector import pack
from services.kit.records import Emit, Partition, Record
from services.kit.registered_model import RegisteredModel
from services.monitoring.champion import Champion, Watched
from services.monitoring.observations import MonitoringHandler, Observed
from services.monitoring.segments import Segments
from services.sample.files import write_csv
from services.sample.population import OBSERVED
from services.sample.rows import applications
from services.scorecard.catalogue import Matrix
from services.scorecard.decide import decide_without_reasons
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.profile import Distribution, reference_profile
from services.scorecard.standard import standard_catalogue
from services.training.data import read
from tests.models import small_bundle

CATALOGUE = standard_catalogue()
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
INCOME = "AMT_INCOME_TOTAL"
MONITORED = (
    *("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "AMT_CREDIT", INCOME, "AMT_ANNUITY", "AMT_GOODS_PRICE"),
    *("DAYS_BIRTH", "DAYS_EMPLOYED", "DAYS_REGISTRATION", "DAYS_ID_PUBLISH", "OWN_CAR_AGE", "CNT_CHILDREN"),
    *("REGION_POPULATION_RELATIVE", "HOUR_APPR_PROCESS_START", "CODE_GENDER", "NAME_EDUCATION_TYPE"),
    *("NAME_INCOME_TYPE", "OCCUPATION_TYPE", "FLAG_OWN_CAR"),
)
WEB, SEGMENTS = "web", Segments(("branch", "web", "partner"), ("Cash loans", "Revolving loans"))


def sample(folder: Path, rows: int, *, seed: int = 4, income: float = 1) -> Matrix:
    """Return the features of sampled applications, whose incomes may be other ones."""
    chunks = [
        chunk | {INCOME: np.round(chunk[INCOME] * income, 1)} for chunk in applications(OBSERVED, rows, seed)
    ]
    write_csv(folder / "application_train.csv", chunks)
    return read(folder, CATALOGUE, 3).matrix


def monitored_of(matrix: Matrix) -> Matrix:
    """Return the monitored columns of a matrix with all of the catalogue's."""
    return matrix[:, [CATALOGUE.names.index(name) for name in MONITORED]]


def watched_of(matrix: Matrix, *, version: str = "7", monitored: Sequence[str] = MONITORED) -> Watched:
    """Return a champion whose reference profile is that of a matrix with all of the catalogue's columns."""
    # What is monitored need not be what the model reads.
    bundle = small_bundle(features=MONITORED[1:])
    model = ready(bundle, load_policy(), CATALOGUE)
    places = [CATALOGUE.names.index(feature.name) for feature in model.required]
    scores = decide_without_reasons(model, matrix[:, places]).scores
    profile = reference_profile(matrix, CATALOGUE.definitions, monitored, scores)
    return Watched(version, bundle.model_copy(update={"reference_profile": profile}), load_policy())


def champion_of(watched: Watched) -> Champion:
    champion = Champion(RegisteredModel(), load_policy(), CATALOGUE)
    champion.current = watched
    return champion


def distribution_of(values: Sequence[float] | NDArray[np.floating], name: str = "AMT_CREDIT") -> Distribution:
    """Return the reference of a column that has these values; the name tells whether it is a category."""
    matrix = np.asarray(values, dtype=np.float32).reshape(-1, 1)
    definition = CATALOGUE.definitions[CATALOGUE.names.index(name)]
    return reference_profile(matrix, [definition], [name], np.full(len(matrix), 600)).features[0]


def reference_of(shape: tuple[int, ...]) -> bytes:
    """Return a file whose header says that it holds rows of that shape, and nothing more."""
    content = BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, header)
    return content.getvalue()


def record(
    topic: str, event: FeaturesComputed | ApplicationDecided, place: tuple[int, int], at: datetime
) -> Record:
    partition, offset = place
    encoded = encode(event, event_id=f"{partition}:{offset}", source="octroi/tests")
    milliseconds = int(at.timestamp() * 1000)
    return Record(
        Partition(topic, partition), offset, milliseconds, encoded.key, encoded.value, encoded.headers
    )


def feature_records(
    matrix: Matrix,
    *,
    partition: int = 0,
    first: int = 0,
    begin: datetime = NOON,
    every: timedelta = timedelta(milliseconds=10),
    channel: str | None = WEB,
    contract_type: str | None = None,
    unknown_words: tuple[str, ...] = (),
) -> list[Record]:
    """Return records of vectors at consecutive offsets, handed in one after the other."""
    example = FeaturesComputed.model_validate(EXAMPLES["FeaturesComputed.v1"][0])
    found = []
    for row, vector in enumerate(pack(matrix)):
        at = begin + row * every
        event = example.model_copy(
            update={
                "catalogue_version": CATALOGUE.version,
                "vector": vector,
                "channel": channel,
                "contract_type": contract_type,
                "unknown_words": unknown_words,
                "submitted_at": at,
                "computed_at": at + timedelta(seconds=1),
            }
        )
        found.append(record(FEATURES.name, event, (partition, first + row), at))
    return found


def of_catalogue(records: Sequence[Record], version: str) -> list[Record]:
    """Return vectors that say that they are of another catalogue."""
    return [
        each._replace(value=(each.value or b"").replace(CATALOGUE.version.encode(), version.encode()))
        for each in records
    ]


def decided(probability: float = 0.04, outcome: str = "approved", **changes: object) -> ApplicationDecided:
    example = EXAMPLES["ApplicationDecided.v1"][0]
    return ApplicationDecided.model_validate(
        {**example, "probability_of_default": probability, "outcome": outcome, **changes}
    )


def opinion(outcome: str = "approved", version: str = "8") -> ShadowOpinion:
    """Return what a challenger would have said."""
    model = {"name": "octroi-scorecard", "version": version, "role": "challenger"}
    given = {"model": model, "probability_of_default": 0.5, "score": 500, "outcome": outcome}
    return ShadowOpinion.model_validate(given)


def decision_records(
    matrix: Matrix,
    watched: Watched,
    *,
    partition: int = 0,
    first: int = 0,
    begin: datetime = NOON,
    every: timedelta = timedelta(milliseconds=10),
    channel: str | None = WEB,
    contract_type: str | None = None,
    shadow: ShadowOpinion | None = None,
) -> list[Record]:
    """Return records of what the champion decides on rows of a matrix."""
    model = ready(watched.bundle, load_policy(), CATALOGUE)
    places = [CATALOGUE.names.index(feature.name) for feature in model.required]
    verdicts = decide_without_reasons(model, matrix[:, places])
    example = decided()
    found = []
    for row, probability in enumerate(verdicts.probabilities.tolist()):
        at = begin + row * every
        event = example.model_copy(
            update={
                "probability_of_default": probability,
                "score": int(verdicts.scores[row]),
                "outcome": verdicts.outcomes[row],
                "model": example.model.model_copy(update={"version": watched.version}),
                "channel": channel,
                "contract_type": contract_type,
                "shadow": shadow,
                "submitted_at": at,
                "decided_at": at + timedelta(seconds=1),
            }
        )
        found.append(record(DECISIONS.name, event, (partition, first + row), at))
    return found


def observed_of(champion: Champion, records: Sequence[Record]) -> list[Observed]:
    """Return what the stage's handler makes of records, all of which it must be able to read."""
    results = MonitoringHandler(champion)(records)
    assert all(isinstance(result, Emit) for result in results), results
    return [row for result in results if isinstance(result, Emit) for row in result.items]
