"""The command that trains a candidate for champion: `python -m services.training --data FOLDER`."""

import sys
from collections.abc import Sequence
from functools import partial

from services.kit.environment import exit_code_of, read
from services.kit.registered_model import RegisteredModel
from services.training.campaign import train
from services.training.errors import TrainingError
from services.training.options import parse
from services.training.register import CHAMPION, Registry
from services.training.registered import aliases_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    0 when there is a new champion or challenger, or one was wanted only without a champion and there is
    one; 1 when the gate refused the candidate, 2 after a sentence that says why there is no candidate, 130
    when somebody stopped it.
    """
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
    return 0 if verdict.role else 1


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
