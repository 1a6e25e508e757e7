"""What the launcher says when it cannot go on."""

WRONG_INPUT = 2
"""Exit code: something on this machine or on the command line must be changed first."""
FAILED = 1
"""Exit code: a part or a step did not do its work."""
STOPPED_FROM_ELSEWHERE = "the engine was stopped from elsewhere"


class LauncherError(Exception):
    """A sentence for the person at the terminal, with the exit code that goes with it."""

    def __init__(self, sentence: str, exit_code: int = FAILED) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def wrong_input(sentence: str) -> LauncherError:
    """Return the error for what the person at the terminal can put right."""
    return LauncherError(sentence, WRONG_INPUT)
