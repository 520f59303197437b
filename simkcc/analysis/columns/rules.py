"""By which rules calls are counted, and what is paid for them."""

from dataclasses import dataclass

from simkcc.model.scenario import Scenario


@dataclass(frozen=True)
class Rules:
    """What the centre's norms say about counting, and what its prices are."""

    threshold: float = 20.0
    """T, in seconds."""
    short: float = 5.0
    """Abandoned within so many seconds is a short abandon."""
    weeks: float = 1.0
    """Length of what is counted, in weeks."""
    rostered_hours: tuple[float, ...] = ()
    """Rostered hours of each group within what is counted, absence not deducted."""
    at_once: tuple[int, ...] = ()
    """How many contacts each group's agents may work on at once; 1 where it is not told."""
    citizen_hour: float = 15.0
    """Euros that an hour of a citizen is worth."""
    rota: tuple[bool, ...] = ()
    """Whether each group is on rota: there to be disturbed by transferred calls."""
    resumption: float = 0.0
    """Seconds a specialist loses to getting back into work that a transferred call disturbed."""
    scenario: Scenario | None = None
    """Whose prices and contracts they are."""
