"""The API keys in use: the file, read again when it changes, and what a request shows of them."""

import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Final

import structlog

from services.kit.key_file import ApiKey, KeyFileError, digest, read_keys

CHECK_SECONDS = 1.0
"""How often the file is looked at."""
BEARER: Final = "bearer "
SHOW_A_KEY: Final = "Show an active API key in the header X-API-Key, or as Authorization: Bearer."
log = structlog.stdlib.get_logger("keys")


class KeyRing:
    """Finds the API key that a caller shows. Several can be active, so that one can follow another."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = monotonic) -> None:
        """Read the keys. Raises KeyFileError."""
        self._path = path
        self._clock = clock
        self._checked = clock()
        self._version = self._version_of_file()
        self._keys = read_keys(path)
        self._error = ""

    def find(self, shown: str) -> ApiKey | None:
        """Return the key, or None for one that is not in the file; its time tells nothing of a hash."""
        self._refresh()
        hashed = digest(shown)
        found: ApiKey | None = None
        for key in self._keys:
            if hmac.compare_digest(key.hash, hashed):
                found = key
        return found

    def _refresh(self) -> None:
        if self._clock() - self._checked < CHECK_SECONDS:
            return
        self._checked = self._clock()
        version = self._version_of_file()
        if version == self._version:
            return
        try:
            self._keys = read_keys(self._path)
        except KeyFileError as error:
            # Tried again at every look, told once: who is let in again may not be seen by the file's version.
            if str(error) != self._error:
                self._error = str(error)
                log.error("keys_not_read", error=self._error, still_active=len(self._keys))  # noqa: TRY400 - no trace
        else:
            self._version, self._error = version, ""
            log.info("keys_read", active=len(self._keys))

    def _version_of_file(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


def shown_key(headers: Mapping[str, str]) -> str:
    """Return the key that headers, named in lower case, show; empty where they show none."""
    authorization = headers.get("authorization", "")
    bearer = authorization[len(BEARER) :] if authorization.lower().startswith(BEARER) else ""
    return headers.get("x-api-key", "") or bearer
