"""Serves the pages: `python -m services.ui`."""

import os
import sys

from services.kit.environment import exit_code_of, read
from services.ui.launching import command
from services.ui.settings import UiSettings


def main() -> int:
    """Become Streamlit, which then has this process's number and signals."""
    arguments = command(read(UiSettings))
    os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
