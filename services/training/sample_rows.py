"""Composes the groups of columns to whole applications, chunk by chunk."""

from collections.abc import Iterator

import numpy as np

from services.contracts.application import LoanApplication
from services.training import sample_person, sample_records
from services.training.sample_building import building
from services.training.sample_dice import Columns, Dice
from services.training.sample_loan import loan
from services.training.sample_population import Population
from services.training.sample_target import target
from services.training.sample_work import income, work

CHUNK = 20_000
"""Rows made at a time."""


def applications(population: Population, rows: int, seed: int, chunk: int = CHUNK) -> Iterator[Columns]:
    """Make whole applications with their TARGET, in the order of the application table.

    Numbers are int64 where the table has whole numbers and float64 elsewhere, with NaN for an empty cell;
    words are strings, with the empty string for an empty cell. The size of a chunk changes no row.
    """
    chunk = min(chunk, rows)
    dice = Dice(seed, population.name, chunk)
    names = ("SK_ID_CURR", "TARGET", *(name for name in LoanApplication.model_fields if name != "SK_ID_CURR"))
    for start in range(0, rows, chunk):
        columns = _chunk(dice, population)
        # Steps of 2 leave room for the other population's numbers.
        columns["SK_ID_CURR"] = population.first_number + 2 * np.arange(start, start + chunk)
        yield {name: columns[name][: rows - start] for name in names}


def _chunk(dice: Dice, population: Population) -> Columns:
    known = sample_person.person(dice)
    known |= sample_person.region(dice)
    known |= work(dice, known)
    known |= income(dice, known, population)
    known |= sample_person.belongings(dice, known)
    known |= sample_person.contact(dice, known, population)
    known |= sample_person.addresses(dice, known)
    known |= sample_person.visit(dice, population)
    known |= sample_records.scores(dice, known)
    known |= loan(dice, known, population)
    known |= building(dice, known, population)
    known |= sample_records.bureau(dice, population)
    known |= sample_records.social_circle(dice, population)
    known |= sample_records.documents(dice, known, population)
    known |= target(dice, known)
    return known | sample_records.hide_scores(dice, known, population)
