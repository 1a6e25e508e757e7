"""The seal of a bundle: the SHA-256 of its metadata, which name that of each of its other files.

The registry's database keeps it as a tag of the version, apart from the files: whoever changes files alone
changes no decision.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

SEALED: Final = "bundle.json"
SEAL_TAG: Final = "bundle_sha256"
_CURE: Final = "train and register the model again, or point the alias at another version"


def seal_of(files: Mapping[str, bytes]) -> str:
    """Return the seal of a bundle's files by name. Raises KeyError where they have no metadata."""
    return sha256(files[SEALED]).hexdigest()


def fault_of(files: Mapping[str, bytes], seal: str | None) -> str | None:
    """Return what is wrong with files that must have such a seal, and the cure; None where nothing is.

    Files without metadata are no bundle, which their reader says.
    """
    if SEALED not in files:
        return None
    if not seal:
        return f"nobody has noted the sha256 of its {SEALED}; {_CURE}"
    if seal != seal_of(files):
        return f"its {SEALED} is not the one that was registered: the sha256 is {seal_of(files)}; {_CURE}"
    return None
