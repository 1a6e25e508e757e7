"""API keys at rest: a JSON file with the hashes of keys, never the keys."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from services.kit.errors import FatalError

PREFIX = "octroi_"
"""Begins every key, so that scanners for leaked secrets can tell what it opens."""


class Role(StrEnum):
    """What a key may do."""

    SUBMIT = "submit"
    READ = "read"
    OPERATE = "operate"


class ApiKey(BaseModel):
    """A key as it is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    created_at: AwareDatetime
    note: str = ""


KEYS = TypeAdapter(tuple[ApiKey, ...])


class KeyFileError(FatalError):
    """The file of API keys cannot be used; the message says why and what to do."""


def digest(key: str) -> str:
    """Return what is kept of a key: SHA-256 in hex. Keys are random, so there is nothing to guess slowly."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_key(*roles: Role, now: datetime, note: str = "") -> tuple[str, ApiKey]:
    """Return a new key of 256 random bits and the form it is kept in."""
    key = PREFIX + secrets.token_urlsafe(32)
    kept = ApiKey(id=secrets.token_hex(4), hash=digest(key), roles=roles, created_at=now, note=note)
    return key, kept


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    """Return the keys in `path`. Raises KeyFileError."""
    try:
        return KEYS.validate_json(path.read_bytes())
    except FileNotFoundError:
        cure = f"python -m services.gateway.keys create --file {path} --role submit --role read"
        raise KeyFileError(f"{path}: there is no such file; make the first key with: {cure}") from None
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise KeyFileError(f"{path}: {where}: {first['msg']}") from None


def write_keys(path: Path, keys: Sequence[ApiKey]) -> None:
    """Replace the file by `keys`, whole or not at all, for the owner's eyes only. Raises OSError."""
    _replace(path, KEYS.dump_json(tuple(keys), indent=2) + b"\n")


def write_key(path: Path, key: str) -> None:
    """Replace the file by a key in clear, whole or not at all, for the owner's eyes only. Raises OSError."""
    _replace(path, key.encode())


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
