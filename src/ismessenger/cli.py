"""The ``ismessenger`` command: reads the words, runs one function of ``commands/``, prints its outcome or one sentence."""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from ismessenger.commands.outcome import Outcome, WordsRefused
from ismessenger.commands.table import COMMANDS
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.kit.garbage import loading


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 expected trouble told on standard error, 2 wrong words."""
    args = parser().parse_args(words)
    for option, variable in (("port", "ISMESSENGER_PORT"), ("data_dir", "ISMESSENGER_DATA_DIR")):
        if (value := getattr(args, option, None)) is not None:
            os.environ[variable] = str(value)  # our child processes shall see it too
    module_name, _, function_name = args.function.partition(":")
    with loading():
        module = importlib.import_module(f"ismessenger.commands.{module_name}")
    try:
        outcome: Outcome | None = getattr(module, function_name)(args)
    except ValidationError as error:
        return fail(*(f"{_source(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}." for problem in error.errors()))
    except SettingsError as error:
        # Its words name the field and nothing else: what is read as JSON is none.
        return fail(f'ISMESSENGER_{str(error).split(chr(34))[1].upper()}: this is no JSON; write it like {{"name": "value"}}.')
    except (ServerTrouble, WordsRefused, *module.EXPECTED) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return 130
    if outcome is None:
        return 0
    print(json.dumps(outcome.values) if args.json else outcome.text())
    return 0 if outcome.well else 1


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="ismessenger", description="A self-hosted omnichannel customer-messaging inbox.")
    nouns = top.add_subparsers(metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        first, _, second = command.words.partition(" ")
        if second and first not in groups:
            verbs = ", ".join(other.words.partition(" ")[2] for other in COMMANDS if other.words.startswith(first + " "))
            groups[first] = nouns.add_parser(first, help=verbs).add_subparsers(metavar="COMMAND", required=True)
        entry = (groups[first] if second else nouns).add_parser(second or first, help=command.help, description=command.help)
        for names, options in command.options:
            entry.add_argument(*names, **options)
        entry.set_defaults(function=command.function)
    return top


def fail(*sentences: str) -> int:
    """Tell what went wrong on standard error; the exit code for it."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return 1


def _source(location: tuple[int | str, ...]) -> str:
    return f"ISMESSENGER_{str(location[0]).upper()}" if location else "settings"


if __name__ == "__main__":
    sys.exit(main())
