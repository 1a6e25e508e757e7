"""Scores a file of applications with the champion, without Kafka: `python -m services.scoring.file`."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
from pyarrow import csv
from rich.console import Console
from rich.progress import open as open_with_progress

from services.contracts.events import ModelIdentity
from services.kit.environment import exit_code_of, read
from services.kit.errors import UnavailableError
from services.kit.logs import configure_logs
from services.kit.registry import RegistryError
from services.kit.settings import ServiceSettings
from services.scorecard.ahead import made_ahead
from services.scorecard.bundle import from_files
from services.scorecard.catalogue import Catalogue
from services.scorecard.compatibility import FeatureMissing, bind
from services.scorecard.decide import decide_without_reasons
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import TableError, columns_of_batch, identifiers_of, read_batches
from services.scoring.handler import NO_CHAMPION
from services.scoring.models import LoadedModel
from services.scoring.settings import RegistrySettings
from services.scoring.sources import Source, source_of

SCORES = pa.schema(
    [
        ("SK_ID_CURR", pa.int64()),
        ("probability_of_default", pa.float64()),
        ("score", pa.int64()),
        ("outcome", pa.string()),
    ]
)


class NoChampionError(Exception):
    """There is no champion to score with; the message says why."""


def main() -> int:
    """Score the file; return 0, or 2 with a sentence that says what is wrong."""
    options = _options()
    catalogue = standard_catalogue()
    configure_logs("score", read(ServiceSettings, log_level="ERROR"))
    settings = read(RegistrySettings)
    try:
        champion = champion_of(source_of(settings), catalogue, settings.threads)
    except NoChampionError as error:
        print(error, file=sys.stderr)
        return 2
    begun = perf_counter()
    try:
        rows = score_file(options.input, options.output, champion.model, catalogue)
    except TableError as error:
        print(f"{options.input}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    seconds = perf_counter() - begun
    print(
        f"scored {rows:,} applications in {seconds:.1f} s ({rows / seconds:,.0f} per second) "
        f"with {champion.identity.name} {champion.identity.version}: {options.output}"
    )
    return 0


def champion_of(source: Source, catalogue: Catalogue, threads: int) -> LoadedModel:
    """Load the version that is champion now.

    Scoring's copies are passed over: one may be of a former champion, and when the scores are used nobody
    sees any more what the screen said of it. Raises NoChampionError.
    """
    try:
        version = source.aliases().get("champion")
        files = {} if version is None else source.bundle_files(version)
    except UnavailableError as error:
        raise NoChampionError(
            f"{error}; nothing is scored, as only the registry knows the champion: see that it runs at "
            "MLFLOW_TRACKING_URI, or name an exported version by OCTROI_BUNDLE"
        ) from error
    except RegistryError as error:
        raise NoChampionError(str(error)) from error
    if version is None:
        raise NoChampionError(NO_CHAMPION)
    try:
        model = ready(from_files(files), load_policy(), catalogue, threads)
        bind(model.required, catalogue.features)
    except (FeatureMissing, RecursionError, ValueError) as error:
        raise NoChampionError(
            f"the champion, {source.model_name} version {version}, cannot decide: {error}"
        ) from error
    return LoadedModel(ModelIdentity(name=source.model_name, version=version, role="champion"), model)


def scored(batches: Iterable[pa.RecordBatch], model: Model, catalogue: Catalogue) -> Iterator[pa.RecordBatch]:
    """Yield the scores of each batch of applications, by the code that decides in the stream."""
    places = bind(model.required, catalogue.features)

    def scores_of(batch: pa.RecordBatch) -> pa.RecordBatch:
        matrix = np.ascontiguousarray(catalogue.compute(columns_of_batch(batch))[:, places])
        decisions = decide_without_reasons(model, matrix)
        columns = (identifiers_of(batch), decisions.probabilities, decisions.scores, decisions.outcomes)
        return pa.record_batch([pa.array(column) for column in columns], schema=SCORES)

    return made_ahead(scores_of, batches)


def score_file(input_file: Path, output: Path, model: Model, catalogue: Catalogue) -> int:
    """Read, score and write batch by batch, and return the number of rows.

    The output appears under its name when it is complete: a run that fails leaves what was there before.
    Raises TableError for a file that is no table of applications or has none, OSError.
    """
    if output.exists() and (not output.is_file() or output.samefile(input_file)):
        raise FileExistsError(f"{output} is no file that could be replaced; name another with --out")
    if not output.parent.is_dir():
        raise FileNotFoundError(f"{output.parent} is no folder; make it, or name another file with --out")
    rows = 0
    console, plain = Console(stderr=True), csv.WriteOptions(quoting_style="none")
    part = output.with_name(f".{output.name}.part")
    try:
        with (
            open_with_progress(input_file, "rb", description="scoring", console=console) as source,
            csv.CSVWriter(part, SCORES, write_options=plain) as target,
        ):
            for batch in scored(read_batches(source), model, catalogue):
                target.write_batch(batch)
                rows += batch.num_rows
        if not rows:
            raise TableError("has a header and no rows; is it the right file?")
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m services.scoring.file", description=__doc__)
    parser.add_argument(
        "--in", dest="input", type=Path, required=True, help="a CSV file with the application columns"
    )
    parser.add_argument(
        "--out",
        dest="output",
        type=Path,
        required=True,
        help="where to write SK_ID_CURR, probability_of_default, score and outcome",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
