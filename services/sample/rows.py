"""Composes the groups of columns to whole applications, chunk by chunk."""

from collections.abc import Iterator

import numpy as np

from services.contracts.application import LoanApplication
from services.sample import person, records
from services.sample.building import building
from services.sample.dice import Columns, Dice
from services.sample.loan import loan
from services.sample.population import Population
from services.sample.target import target
from services.sample.work import income, work

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
    known = person.person(dice)
    known |= person.region(dice)
    known |= work(dice, known)
    known |= income(dice, known, population)
    known |= person.belongings(dice, known)
    known |= person.contact(dice, known, population)
    known |= person.addresses(dice, known)
    known |= person.visit(dice, population)
    known |= records.scores(dice, known)
    known |= loan(dice, known, population)
    known |= building(dice, known, population)
    known |= records.bureau(dice, population)
    known |= records.social_circle(dice, population)
    known |= records.documents(dice, known, population)
    known |= target(dice, known)
    return known | records.hide_scores(dice, known, population)
