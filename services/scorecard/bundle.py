"""The bundle: all that a model needs to decide and to be watched by, as three files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from json import dumps, loads
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.contracts.catalogue import FeatureDescription
from services.scorecard import bundle_limits as limits
from services.scorecard.calibration import Calibration
from services.scorecard.curves import Curve
from services.scorecard.probe import Probe
from services.scorecard.profile import ReferenceProfile
from services.scorecard.reasons import Reasons
from services.scorecard.reference import matrix_of
from services.scorecard.score import ScoreScale

FORMAT_VERSION: Final = 3
METADATA_FILE: Final = "bundle.json"
BOOSTER_FILE: Final = "booster.json"
REFERENCE_FILE: Final = "reference.npy"
_BINARIES: Final = {"booster": BOOSTER_FILE, "reference": REFERENCE_FILE}
_CURE: Final = "train and register the model again, or point the alias at another version"
_MOST_TOLD: Final = 20
"""Faults that are told one by one. They are logged, and a file may be wrong in as many places as it has."""
_LONGEST_TOLD: Final = 80
"""Characters of a value that is not what it must be."""

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

    format_version: Literal[3] = FORMAT_VERSION
    model_name: str
    created_by: str
    """What made it, for example the training run's id."""
    catalogue_version: str
    features: Annotated[tuple[FeatureDescription, ...], Field(min_length=1, max_length=limits.MOST_FEATURES)]
    """Columns of the booster, in its order."""
    curves: Annotated[tuple[Curve, ...], AfterValidator(limits.short)] = ()
    """What features add to the booster's margin, each by itself."""
    calibration: Calibration
    threshold: Annotated[float, Field(ge=0, le=1)]
    """Probability of default from which the model refuses."""
    costs: Costs
    """The costs that the threshold was chosen for."""
    score_scale: ScoreScale
    reasons: Annotated[Reasons, AfterValidator(limits.few)]
    policy_version: str
    """Policy that was in force at training; decisions name the one that they were made under."""
    reference_profile: ReferenceProfile
    metrics: Mapping[str, Annotated[float, Field(allow_inf_nan=False)]]
    booster: Annotated[bytes, Field(exclude=True, repr=False, min_length=1)]
    """XGBoost's own JSON format."""
    reference: Annotated[bytes, Field(exclude=True, repr=False)] = b""
    """Rows of the monitored features that the model learnt from, for reports on drift, as numpy saves them:
    float32, shape (rows, monitored features); see `profile.reference_rows`."""
    probe: Annotated[Probe, AfterValidator(limits.small)]
    """What the booster gave at training; where it is loaded it must give that again."""


def to_files(bundle: Bundle) -> dict[str, bytes]:
    """Return the bundle's files by name. The same bundle gives the same bytes."""
    binaries = {name: getattr(bundle, name) for name in _BINARIES}
    seals = {f"{name}_sha256": sha256(content).hexdigest() for name, content in binaries.items()}
    sizes = {f"{name}_bytes": len(content) for name, content in binaries.items()}
    text = dumps(bundle.model_dump(mode="json") | seals | sizes, indent=1, sort_keys=True, allow_nan=False)
    files = {_BINARIES[name]: content for name, content in binaries.items()}
    return {METADATA_FILE: text.encode() + b"\n", **files}


def from_files(files: Mapping[str, bytes]) -> Bundle:
    """Read a bundle. Raises BundleError when a file is missing, damaged, of another format or too much."""
    # The metadata first: they name the format, and another format has other files.
    metadata = _metadata(_file(files, METADATA_FILE))
    binaries = {name: _sealed(files, file, name, metadata) for name, file in _BINARIES.items()}
    with _told_of(METADATA_FILE):
        limits.check_values(metadata)
        bundle = Bundle.model_validate({**metadata, **binaries})
    if bundle.reference:
        with _told_of(REFERENCE_FILE):
            matrix_of(bundle.reference, len(bundle.reference_profile.features))
    return bundle


@contextmanager
def _told_of(file: str) -> Iterator[None]:
    """Raise BundleError, which names a file, for what is wrong with it."""
    try:
        yield
    except ValidationError as error:
        faults = error.error_count()
        told = str(error) if faults <= _MOST_TOLD else f"{faults} values are not what they must be"
        raise BundleError(f"{file}: {told}") from error
    except ValueError as error:
        raise BundleError(f"{file}: {error}") from error


def _sealed(files: Mapping[str, bytes], file: str, name: str, metadata: dict[str, Any]) -> bytes:
    """Return a binary file whose size and hash are those of the metadata, and take them out of these."""
    content = _file(files, file)
    size, digest = metadata.pop(f"{name}_bytes", None), metadata.pop(f"{name}_sha256", None)
    if size != len(content):
        raise BundleError(f"{file}: has {len(content)} bytes instead of {_brief(size)}")
    if digest != sha256(content).hexdigest():
        raise BundleError(f"{file}: its sha256 is not {_brief(digest)}")
    return content


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        found = ", ".join(sorted(files)) or "no files"
        raise BundleError(f"{name}: not in the bundle, which has {found}")
    return files[name]


def _metadata(text: bytes) -> dict[str, Any]:
    with _told_of(METADATA_FILE):
        limits.check_bytes(text)
    try:
        metadata = loads(text)
    except (RecursionError, ValueError) as error:
        raise BundleError(f"{METADATA_FILE}: is not JSON ({error})") from error
    if not isinstance(metadata, dict):
        raise BundleError(f"{METADATA_FILE}: is not a JSON object")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{METADATA_FILE}: its format_version is {_brief(version)}, this release reads {FORMAT_VERSION}"
        )
    return metadata


def _brief(value: object) -> str:
    return str(value)[:_LONGEST_TOLD]
