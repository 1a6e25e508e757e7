"""What a drift report found: the numbers that PostgreSQL keeps, beside the page that MLflow keeps."""

from pydantic import ConfigDict

from services.monitoring.summary import Statistic, Told


class ComparedFeature(Told):
    """A feature that was compared."""

    # PostgreSQL has reports of earlier releases, which told a number more.
    model_config = ConfigDict(extra="ignore")

    name: str
    statistic: Statistic
    distance: float
    """In the statistic's unit."""
    drifted: bool
    """Whether the distance is at the threshold or above."""
    values: int
    """Rows of the window that have a value."""


class SetAside(Told):
    """A feature that cannot be compared."""

    name: str
    why: str
    """A sentence without its full stop, as all that is told."""


class ReportResult(Told):
    """A report's figures."""

    rows: int
    """Rows of the window."""
    reference_rows: int
    threshold: float
    """Distance from which a feature counts as drifted."""
    compared: tuple[ComparedFeature, ...]
    set_aside: tuple[SetAside, ...]
    untested: str | None
    """Why nothing was compared; None where something was."""

    @property
    def drifted(self) -> int:
        """How many features are drifted."""
        return sum(feature.drifted for feature in self.compared)
