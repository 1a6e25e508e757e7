"""What came of a fault, and of all of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one fault."""

    fault: str
    lost: int
    doubled: int
    recovery: float | None
    """Seconds until applications that were handed in after the fault, one of each partition at least and one
    by REST, were decided and recorded; None: they were not."""
    since_port: float | None
    """The same, from the moment that the port of who others need was open again; None where nobody is."""
    pause: float
    """The most seconds between two decisions in a row, from the fault's beginning until it was judged."""
    answered: bool = True
    """Whether the gateway answered an application with its decision afterwards."""
    standing: tuple[str, ...] = ()
    """Groups that did not come to where their topics ended."""
    swollen: tuple[str, ...] = ()
    """Programs that have held more memory than they are given."""

    @property
    def whole(self) -> bool:
        """Whether nothing but time was lost."""
        lasting = self.lost or self.doubled or self.standing or self.swollen
        return self.recovery is not None and self.answered and not lasting

    def said(self) -> str:
        """Return it as a line of text."""
        back = "not back" if self.recovery is None else f"back after {self.recovery:.2f} s"
        return (
            f"{self.fault:<48} lost {self.lost}  doubled {self.doubled}  {back}"
            f"  longest pause {self.pause:.2f} s"
            + ("" if self.answered else "  no decision by REST")
            + "".join(f"  {name} stands still" for name in self.standing)
            + "".join(f"  {name} holds too much" for name in self.swollen)
        )


@dataclass(frozen=True, slots=True)
class Total:
    """What came of all that was acknowledged in a campaign."""

    acknowledged: int
    lost: int
    doubled: int
