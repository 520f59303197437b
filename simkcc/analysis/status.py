"""What is known of a figure that its average over the replications does not show."""

from dataclasses import dataclass

DIVERGES = "diverges"
"""The figure grows with the horizon, so that it has no mean."""
NO_PRICE = "no price given"
"""The figure is one of money, and the file gives no price."""
NEAR = "near"
"""The figure depends on the horizon: its owners can barely keep up."""


@dataclass(frozen=True)
class Status:
    """Why a figure is not what its average over the replications says."""

    name: str
    """`diverges`: no mean, and its average depends on the horizon. `near`: there is one, far off."""
    nl: str
    """What is the matter and what would mend it, in a Dutch sentence."""
    en: str
    """The same in English."""
