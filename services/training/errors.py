"""What training says when it cannot go on."""


class TrainingError(Exception):
    """A sentence for the person who trains: what is wrong and what to do about it."""


class NothingLearntError(TrainingError):
    """A model ranks applications that it has not seen no better than chance would."""

    def __init__(self) -> None:
        super().__init__(
            "the model ranks unseen applications no better than chance; check that TARGET belongs to the "
            "rows it stands in, or train on more rows"
        )
