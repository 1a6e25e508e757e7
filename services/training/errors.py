"""What training says when it cannot go on."""

from typing import Final


class TrainingError(Exception):
    """A sentence for the person who trains: what is wrong and what to do about it."""


_NOTHING_LEARNT: Final = (
    "the model ranks unseen applications no better than chance; check that TARGET belongs to the rows it "
    "stands in, or train on more rows"
)


class NothingLearntError(TrainingError):
    """A model ranks applications that it has not seen no better than chance would."""

    def __init__(self, message: str = _NOTHING_LEARNT) -> None:
        super().__init__(message)


class UnreadableError(TrainingError):
    """A registered version that this release cannot read; scoring cannot use it either."""


class OtherFormatError(UnreadableError):
    """A registered version that another release made: nothing is wrong with it."""
