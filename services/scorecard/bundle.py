"""The bundle: all that a model needs to decide, as two files."""

from collections.abc import Mapping
from hashlib import sha256
from json import dumps, loads
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.contracts.catalogue import FeatureDescription
from services.scorecard.calibration import Calibration
from services.scorecard.probe import Probe
from services.scorecard.profile import ReferenceProfile
from services.scorecard.reasons import Reasons
from services.scorecard.score import ScoreScale

FORMAT_VERSION: Final = 2
METADATA_FILE: Final = "bundle.json"
BOOSTER_FILE: Final = "booster.json"
_CURE: Final = "train and register the model again, or point the alias at another version"

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BundleError(ValueError):
    """A bundle cannot be used; the message says what is wrong and what to do."""

    def __init__(self, fault: str, cure: str = _CURE) -> None:
        super().__init__(f"{fault}; {cure}")


class Costs(BaseModel):
    """What errors cost, in any one unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_negative: NonNegative = 10
    """A defaulter accepted."""
    false_positive: NonNegative = 1
    """A good client refused."""


class Bundle(BaseModel):
    """A model with everything its decisions depend on, but for the lender's policy."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format_version: Literal[2] = FORMAT_VERSION
    model_name: str
    created_by: str
    """What made it, for example the training run's id."""
    catalogue_version: str
    features: Annotated[tuple[FeatureDescription, ...], Field(min_length=1)]
    """Columns of the booster, in its order."""
    calibration: Calibration
    threshold: Annotated[float, Field(ge=0, le=1)]
    """Probability of default from which the model refuses."""
    costs: Costs
    """The costs that the threshold was chosen for."""
    score_scale: ScoreScale
    reasons: Reasons
    policy_version: str
    """Policy that was in force at training; decisions name the one that they were made under."""
    reference_profile: ReferenceProfile
    metrics: Mapping[str, Annotated[float, Field(allow_inf_nan=False)]]
    booster: Annotated[bytes, Field(exclude=True, repr=False, min_length=1)]
    """XGBoost's own JSON format."""
    probe: Probe
    """What the booster gave at training; where it is loaded it must give that again."""


def to_files(bundle: Bundle) -> dict[str, bytes]:
    """Return the bundle's files by name. The same bundle gives the same bytes."""
    metadata = bundle.model_dump(mode="json") | {
        "booster_sha256": sha256(bundle.booster).hexdigest(),
        "booster_bytes": len(bundle.booster),
    }
    text = dumps(metadata, indent=1, sort_keys=True, allow_nan=False)
    return {METADATA_FILE: text.encode() + b"\n", BOOSTER_FILE: bundle.booster}


def from_files(files: Mapping[str, bytes]) -> Bundle:
    """Read a bundle. Raises BundleError when a file is missing, damaged or of another format."""
    # The metadata first: they name the format, and another format has other files.
    metadata, booster = _metadata(_file(files, METADATA_FILE)), _file(files, BOOSTER_FILE)
    size, digest = metadata.pop("booster_bytes", None), metadata.pop("booster_sha256", None)
    if size != len(booster):
        raise BundleError(f"{BOOSTER_FILE}: has {len(booster)} bytes instead of {size}")
    if digest != sha256(booster).hexdigest():
        raise BundleError(f"{BOOSTER_FILE}: its sha256 is not {digest}")
    try:
        return Bundle.model_validate({**metadata, "booster": booster})
    except ValidationError as error:
        raise BundleError(f"{METADATA_FILE}: {error}") from error


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        found = ", ".join(sorted(files)) or "no files"
        raise BundleError(f"{name}: not in the bundle, which has {found}")
    return files[name]


def _metadata(text: bytes) -> dict[str, Any]:
    try:
        metadata = loads(text)
    except ValueError as error:
        raise BundleError(f"{METADATA_FILE}: is not JSON ({error})") from error
    if not isinstance(metadata, dict):
        raise BundleError(f"{METADATA_FILE}: is not a JSON object")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{METADATA_FILE}: its format_version is {version}, this release reads {FORMAT_VERSION}"
        )
    return metadata
