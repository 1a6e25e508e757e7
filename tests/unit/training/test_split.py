import numpy as np

from services.training.split import untouched

RANDOM = np.random.default_rng(3)
CLIENTS = RANDOM.choice(10**6, 5000, replace=False).astype(np.int64)
DEFAULTED = RANDOM.random(5000) < 0.08


def test_a_share_of_each_kind_is_set_apart() -> None:
    apart = untouched(CLIENTS, DEFAULTED, 0.15)
    assert apart[DEFAULTED].sum() == round(0.15 * DEFAULTED.sum())
    assert apart[~DEFAULTED].sum() == round(0.15 * (~DEFAULTED).sum())


def test_the_order_of_the_table_changes_nothing() -> None:
    order = RANDOM.permutation(len(CLIENTS))
    there, here = untouched(CLIENTS[order], DEFAULTED[order], 0.15), untouched(CLIENTS, DEFAULTED, 0.15)
    np.testing.assert_array_equal(there, here[order])


def test_a_client_stays_where_it_was_when_the_table_grows() -> None:
    before = untouched(CLIENTS[:4000], DEFAULTED[:4000], 0.15)
    after = untouched(CLIENTS, DEFAULTED, 0.15)[:4000]
    assert np.mean(before == after) > 0.98


def test_neighbours_are_parted_as_by_chance() -> None:
    clients = np.arange(100_000, 110_000, dtype=np.int64)
    apart = untouched(clients, np.zeros(10_000, dtype=bool), 0.5)
    together = np.mean(apart[1:] == apart[:-1])
    assert 0.47 < together < 0.53
