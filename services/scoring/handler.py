"""A batch of feature vectors in, a decision with its reasons for each out; then trials."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from services.contracts.codec import ContractError, decode_fast
from services.contracts.events import FeaturesComputed, ShadowOpinion
from services.contracts.topics import FEATURES, TRIALS
from services.contracts.vector import unpack
from services.contracts.wire import as_wire_form, wire_form
from services.kit.records import Emit, Hold, Message, Record, Reject
from services.scorecard.catalogue import Matrix
from services.scorecard.decide import decide, decide_without_reasons
from services.scoring.binding import Bindings, UnboundError
from services.scoring.messages import Verdicts, decided
from services.scoring.models import LoadedModel, Models
from services.scoring.trials import Trials

Result = Emit[Message] | Reject | Hold
NO_CHAMPION = "the registry names no champion: train a model (make train) or set the alias champion"


class ScoringHandler:
    """Decides with the champion of the moment and asks the challenger what it would have done."""

    topics: Sequence[str] = (FEATURES.name, TRIALS.name)
    """The topics it reads."""

    def __init__(
        self,
        models: Callable[[], Models],
        bindings: Bindings,
        trials: Trials,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._models = models
        self._bindings = bindings
        self._trials = trials
        self._now = now

    def __call__(self, records: Sequence[Record]) -> list[Result]:
        """Return the decision on each vector, why it cannot be read or must wait; or a trial's answer.

        Vectors go first, and by the models of the same moment.
        """
        models = self._models()
        asked = [record for record in records if record.partition.topic == TRIALS.name]
        if not asked:
            return self._vectors(models, records)
        vectors = iter(
            self._vectors(models, [record for record in records if record.partition.topic != TRIALS.name])
        )
        answers = iter(self._trials.answer(models.champion, asked))
        return [
            next(answers) if record.partition.topic == TRIALS.name else next(vectors) for record in records
        ]

    def _vectors(self, models: Models, records: Sequence[Record]) -> list[Result]:
        if models.champion is None:
            return [Hold(models.without_champion or NO_CHAMPION)] * len(records)
        results: list[Result] = [Emit()] * len(records)
        rows: defaultdict[str, list[tuple[int, FeaturesComputed]]] = defaultdict(list)
        for index, record in enumerate(records):
            try:
                features = decode_fast(FeaturesComputed, record.value, record.headers)
                rows[features.catalogue_version].append((index, features))
            except ContractError as error:
                results[index] = Reject(str(error))
        for version, read in rows.items():
            chosen = [(records[index], features) for index, features in read]
            for (index, _), result in zip(read, self._decide(models, version, chosen), strict=True):
                results[index] = result
        return results

    def _decide(
        self, models: Models, catalogue_version: str, rows: Sequence[tuple[Record, FeaturesComputed]]
    ) -> Sequence[Result]:
        """Decide on vectors of one catalogue."""
        champion = models.champion
        assert champion is not None  # noqa: S101  # the caller has looked
        try:
            width = self._bindings.width(catalogue_version)
            positions = self._bindings.positions(champion, catalogue_version)
        except UnboundError as error:
            return [Hold(str(error))] * len(rows)
        vectors = unpack((features.vector for _, features in rows), width)
        verdicts = Verdicts(
            as_wire_form(champion.identity),
            champion.model.policy.version,
            champion.model.bundle.threshold,
            decide(champion.model, vectors[:, positions]),
            self._opinions(models.challenger, catalogue_version, vectors),
        )
        now = self._now()
        return [
            Emit((decided(record, features, verdicts, row, now),))
            for row, (record, features) in enumerate(rows)
        ]

    def _opinions(
        self, challenger: LoadedModel | None, catalogue_version: str, vectors: Matrix
    ) -> Sequence[ShadowOpinion | None]:
        """Ask the challenger. It keeps nobody waiting: where it cannot decide it has no opinion."""
        nothing = [None] * len(vectors)
        if challenger is None:
            return nothing
        try:
            positions = self._bindings.positions(challenger, catalogue_version)
            shadow = decide_without_reasons(challenger.model, vectors[:, positions])
        except (UnboundError, ValueError):
            return nothing
        identity, opinion = as_wire_form(challenger.identity), wire_form(ShadowOpinion)
        return [
            opinion(model=identity, probability_of_default=probability, score=score, outcome=outcome)
            for probability, score, outcome in zip(
                shadow.probabilities.tolist(), shadow.scores.tolist(), shadow.outcomes, strict=True
            )
        ]
