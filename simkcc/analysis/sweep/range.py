"""Which number moves, between which ends, and the values at which it is looked at."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simkcc.errors import SettingError

NUMBER = r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
WRITTEN = re.compile(rf"\s*({NUMBER})\.\.({NUMBER})(?::({NUMBER}))?\s*")
MOST = 200
"""Values that one sweep looks at, at most."""


@dataclass(frozen=True)
class Range:
    """A number by its dotted key, and where it moves."""

    key: str
    low: float
    high: float
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether both ends are whole numbers."""
        return float(self.low).is_integer() and float(self.high).is_integer()

    def values(self, number: int, can_be: Callable[[float], bool]) -> list[float]:
        """Return about so many values from end to end; every step of it if a step is given.

        can_be: whether the scenario takes a value. Whole ends that take nothing in between, as of a
        number of agents, give whole values.
        """
        if self.step is not None:
            steps = int((self.high - self.low) / self.step + 1e-9)
            return [round(self.low + i * self.step, 12) for i in range(steps + 1)]
        spaced = [round(float(each), 12) for each in np.linspace(self.low, self.high, number)]
        wide = self.high - self.low >= number - 1
        if self.is_whole and (wide or not all(map(can_be, spaced))):
            return sorted({float(round(each)) for each in spaced})
        return spaced


def parse_ranges(settings: Sequence[str]) -> tuple[Range, list[str]]:
    """Return the one range among settings, written KEY=LOW..HIGH or KEY=LOW..HIGH:STEP, and the rest."""
    found, rest = [], []
    for text in settings:
        key, _, value = text.partition("=")
        match = WRITTEN.fullmatch(value)
        if match:
            found.append(_range(text, key.strip(), *match.groups()))
        else:
            rest.append(text)
    if len(found) != 1:
        what = "no range" if not found else f"{len(found)} ranges"
        raise SettingError(
            f"sweep: {what} given; let one number move, as --set menu.length=13..80, and set others "
            "as --set KEY=VALUE"
        )
    return found[0], rest


def _range(text: str, key: str, low: str, high: str, step: str | None) -> Range:
    found = Range(key, float(low), float(high), None if step is None else float(step))
    if found.high <= found.low:
        raise SettingError(
            f"--set {text}: ends at or before its start; write it as {key}=LOW..HIGH"
        )
    if found.step is not None and not 0 < found.step <= found.high - found.low:
        raise SettingError(
            f"--set {text}: a step of {found.step:g} does not fit; give one above 0, at most "
            f"{found.high - found.low:g}"
        )
    if found.step is not None and (found.high - found.low) / found.step >= MOST:
        raise SettingError(f"--set {text}: more than {MOST} values; give a larger step")
    return found
