import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scorecard.instalments import LONGEST_TERM, SHORTEST_TERM, TERM_STEP, implied_rate, implied_term


def loan(credit: float, instalment: float) -> np.ndarray:
    return np.array([[credit], [instalment]])
