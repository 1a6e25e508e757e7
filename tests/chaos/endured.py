"""What a long run came to."""

from dataclasses import dataclass

from tests.chaos.memory import Memory, quarters


@dataclass(frozen=True, slots=True)
class Endured:
    """What a long run came to."""

    handed_in: int
    decided: int
    """Applications with a decision on the topic."""
    doubled: int
    recorded: int
    """Applications in the ledger, with their decisions."""
    seconds: float
    memory: Memory
    swollen: tuple[str, ...]
    """Programs that have held more memory than they are given."""
    grown: tuple[str, ...] = ()
    """Programs that held more and more, where the load was the same all the time."""

    @property
    def whole(self) -> bool:
        """Whether all was decided and recorded, once, and by no program that holds too much or ever more."""
        once = self.handed_in == self.decided == self.recorded and not self.doubled
        return once and not self.swollen and not self.grown

    def said(self) -> str:
        """Return it as lines of text: memory is the most in each quarter of the time."""
        came_to = (
            f"{self.handed_in:,} handed in, {self.decided:,} decided, {self.doubled} of them twice, "
            f"{self.recorded:,} recorded, {self.handed_in / self.seconds:,.0f} a second"
        )
        too_much = [f"{name} holds too much" for name in self.swollen]
        more = [f"{name} grows" for name in self.grown]
        return "\n".join((came_to, *quarters(self.memory), *too_much, *more))
