"""Make, list and revoke API keys: `python -m services.gateway.keys --help`."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from services.kit.key_file import ApiKey, KeyFileError, Role, make_key, read_keys, write_key, write_keys


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what `arguments` say and return the exit code: 0, or 1 after a sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        sys.stdout.write(chosen.action(chosen))
    except (KeyFileError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _create(chosen: Namespace) -> str:
    keys = read_keys(chosen.file) if chosen.file.exists() else ()
    key, kept = make_key(*map(Role, dict.fromkeys(chosen.role)), now=datetime.now(UTC), note=chosen.note)
    write_keys(chosen.file, [*keys, kept])
    sys.stderr.write(f"key {kept.id}; it is shown this once:\n")
    return f"{key}\n"


def _first(chosen: Namespace) -> str:
    if chosen.file.exists():
        return f"{chosen.file} is there: no key made\n"
    key, kept = make_key(*map(Role, dict.fromkeys(chosen.role)), now=datetime.now(UTC), note=chosen.note)
    # First the key: one that nobody can read must not be the reason for making no other.
    write_key(chosen.into, key)
    write_keys(chosen.file, [kept])
    return f"key {kept.id}: in {chosen.into}\n"


def _list(chosen: Namespace) -> str:
    return "".join(_line(key) for key in read_keys(chosen.file))


def _line(key: ApiKey) -> str:
    return f"{key.id}  {key.created_at:%Y-%m-%d %H:%M}  {','.join(key.roles):<20}  {key.note}\n"


def _revoke(chosen: Namespace) -> str:
    keys = read_keys(chosen.file)
    if chosen.id not in {key.id for key in keys}:
        raise KeyFileError(f"{chosen.file}: has no key {chosen.id}; `list` shows what it has")
    write_keys(chosen.file, [key for key in keys if key.id != chosen.id])
    return f"revoked {chosen.id}\n"


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m services.gateway.keys", description=__doc__)
    actions = parser.add_subparsers(required=True)
    create = actions.add_parser("create", help="add a key and print it, this once")
    create.set_defaults(action=_create)
    first = actions.add_parser("first", help="make a key where there is no file of keys yet")
    first.add_argument("--into", type=Path, required=True, help="the file that the key itself is written to")
    first.set_defaults(action=_first)
    for making in (create, first):
        making.add_argument("--role", choices=[role.value for role in Role], action="append", required=True)
        making.add_argument("--note", default="", help="whose key it is")
    listing = actions.add_parser("list", help="show the keys' ids, dates, roles and notes")
    listing.set_defaults(action=_list)
    revoke = actions.add_parser("revoke", help="remove a key; a running gateway refuses it within a second")
    revoke.add_argument("--id", required=True)
    revoke.set_defaults(action=_revoke)
    for action in (create, first, listing, revoke):
        action.add_argument("--file", type=Path, required=True, help="the file of hashed keys")
    return parser


if __name__ == "__main__":
    sys.exit(main())
