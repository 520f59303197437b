"""What calibration says: sentences in two languages, and estimates with their evidence."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class Said(NamedTuple):
    """One sentence in Dutch and in English."""

    nl: str
    en: str

    def by(self, lang: str) -> str:
        """Return the sentence in a language, `nl` or `en`."""
        return self.nl if lang == "nl" else self.en


@dataclass(frozen=True)
class Estimate:
    """One measured parameter: its value, how sure it is, and from what."""

    path: str
    """Dotted path in the scenario; what is only reported has a path that starts with `seen.`."""
    value: Any
    """A number, or a list of numbers or texts; a distribution is several estimates."""
    low: float | None
    """Lower bound of the 95 % interval; None where a single interval does not exist."""
    high: float | None
    """Upper bound."""
    n: int
    """Observations it rests on."""
    method: Said
    mark: Literal["M", "D"] = "M"
    """M measured; D derived from measured figures through a model."""
    unit: str = ""
    half_widths: tuple[float, ...] = ()
    """Half widths of the 95 % intervals of a list, one for each number."""

    @property
    def is_written(self) -> bool:
        """Return whether it goes into the variant."""
        return not self.path.startswith("seen.")


@dataclass
class Findings:
    """What one step of calibration found."""

    estimates: list[Estimate] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    """What the data cannot tell, and what to know about the estimates."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Words and removals that go with the estimates, by dotted path: kinds, `absent`."""

    def add(self, other: "Findings") -> None:
        """Take over what another step found."""
        self.estimates += other.estimates
        self.said += other.said
        self.settings |= other.settings

    def find(self, path: str) -> Estimate | None:
        """Return the estimate of a path, or None."""
        return next((each for each in self.estimates if each.path == path), None)
