"""simkcc simulates municipal contact centres and compares ways of routing and staffing them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simkcc.errors import SimkccError

if TYPE_CHECKING:
    from simkcc.model.files import load_scenario
    from simkcc.model.scenario import Scenario

__all__ = ["Scenario", "SimkccError", "load_scenario"]
__version__ = "0.1.0"

_HOMES = {"Scenario": "simkcc.model.scenario", "load_scenario": "simkcc.model.files"}
"""Modules of public names that are imported when first asked for: an engine needs none of them."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'simkcc' has no attribute '{name}'")
