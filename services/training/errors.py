"""What training says when it cannot go on."""


class TrainingError(Exception):
    """A sentence for the person who trains: what is wrong and what to do about it."""
