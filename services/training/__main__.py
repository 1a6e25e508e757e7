"""The command that trains a candidate for champion: `python -m services.training --data FOLDER`."""

import signal
import sys
from collections.abc import Sequence
from functools import partial

from services.kit.environment import exit_code_of, read
from services.kit.registered_model import CANDIDATE_REFUSED, RegisteredModel
from services.training.campaign import train
from services.training.command_line import parse
from services.training.errors import TrainingError
from services.training.register import CHAMPION, Registry
from services.training.registered import aliases_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    0 when there is a new champion or challenger, or one was wanted only without a champion and there is
    one; 2 after a sentence that says why there is no candidate, 4 when the gate refused it,
    130 when somebody stopped it, by Ctrl-C or SIGTERM; 1, with a traceback, is an error of the program.
    """
    # So that the runs in MLflow end too, as they do at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    registered = read(RegisteredModel)
    options = parse(arguments, model_name=registered.model_name)
    try:
        registry = Registry(registered.tracking_url, options.experiment)
        if options.unless_champion:
            registry.connect()
            if version := aliases_of(registry, options.model_name).get(CHAMPION):
                print(f"{options.model_name} has a champion, version {version}: nothing trained")
                return 0
        verdict = train(options, registry, partial(print, flush=True))
    except TrainingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what is finished is kept, and the next run goes on from it\n")
        return 130
    return 0 if verdict.role else CANDIDATE_REFUSED


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
