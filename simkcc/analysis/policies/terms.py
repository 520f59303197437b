"""What a policy is: a name, words, parameters, and a function from a centre to an overlay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simkcc.analysis.policies.centre import Centre, Table

Values = Mapping[str, Any]
"""Parameters of a policy."""


@dataclass(frozen=True)
class Policy:
    """A policy by name."""

    name: str
    nl: str
    """What it is, in Dutch; parameters in braces."""
    en: str
    overlay: Callable[[Centre, Values], Table]
    """Raises SettingError if it does not apply, saying what is missing."""
    defaults: Values = field(default_factory=dict)
    """Parameters and their defaults, all assumed."""
    neutral: bool = True
    """Whether it rosters exactly the hours that the centre has."""
