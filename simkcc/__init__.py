"""simkcc simulates municipal contact centres and compares ways of routing and staffing them."""

from simkcc.errors import SimkccError
from simkcc.model.files import load_scenario
from simkcc.model.scenario import Scenario

__all__ = ["Scenario", "SimkccError", "load_scenario"]
__version__ = "0.1.0"
