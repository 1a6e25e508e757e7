from services.gateway.batch_tally import CELLS, Tally


def test_counts_are_added_and_told_by_outcome_and_band() -> None:
    one = Tally.of_cells([0, 4, CELLS - 1], [5, 2, 1])
    both = one + Tally.of_cells(None, None) + Tally.of_cells([4], [3])
    assert (both.decided(), both.of("approved"), both.of("refused"), both.of("review")) == (11, 5, 5, 1)
    bands = both.histogram()
    assert (len(bands), bands[0].from_, bands[-1].to) == (22, 300, 850)
    assert (bands[0].approved, bands[1].refused, bands[-1].review) == (5, 5, 1)
    assert bands[1].model_dump(mode="json")["from"] == 325
