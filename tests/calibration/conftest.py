"""A town whose truth is known, played by the kernel, and read back as contact records."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simkcc.analysis.parquet import write_log
from simkcc.analysis.results import play
from simkcc.calibration.measure import Figures, measure, read_figures
from simkcc.engine.compile import compile_plan
from simkcc.model.files import load_scenario

TOWN = """
name = "town"
[horizon]
start = 2023-01-02
weeks = 26
[calendar]
country = "BE"
[hours.open]
weekdays = ["08:30-17:00"]
[demand]
per_year = 50_000
weekday = [1.30, 1.05, 1.00, 0.90, 0.75]
busyness_cv = 0.15
[demand.profile]
start = "08:30"
shares = [6, 8, 9, 9, 8, 7, 5, 4, 4, 5, 6, 6, 6, 5, 5, 4, 3]
[topics.calls]
share = 1.0
[topics.calls.handling]
talk = { kind = "lognormal", mean = 190.0, cv = 0.8 }
wrap_up = { kind = "exponential", mean = 40.0 }
[patience]
kind = "exponential"
mean = 240
[redial]
share = 0.45
[redial.delay]
soon = 0.35
later_today = 0.30
soon_after = { kind = "exponential", mean = 400.0 }
[queues.kcc]
routes = [{ group = "team" }]
[groups.team.roster]
start = "08:30"
weekdays = [2, 3, 3, 3, 3, 3, 2, 2, 2, 2, 3, 3, 2, 2, 2, 2, 2]
"""


@dataclass(frozen=True)
class Town:
    """A scenario file, and the folder of a log that was played from it."""

    file: Path
    log: Path

    @property
    def scenario(self) -> Any:
        return load_scenario(self.file).scenario

    @property
    def figures(self) -> Figures:
        return read_figures(self.log, None, 20.0, self.scenario.horizon.start)

    def measured(self) -> Any:
        return measure(self.figures, self.scenario, threshold=20.0)


Build = Callable[..., Town]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return a function that plays a town: `seed`, and settings by dotted key."""

    def built(seed: int = 1, **settings: Any) -> Town:
        folder = tmp_path_factory.mktemp("town")
        file = folder / "town.toml"
        file.write_text(TOWN)
        changed = {key.replace("__", "."): value for key, value in settings.items()}
        scenario = load_scenario(file, None, changed).scenario
        plan = compile_plan(scenario, 1.0).seeded(seed, 0)
        write_log(play(plan).in_order(), plan, folder)
        return Town(file, folder)

    return built


@pytest.fixture(scope="session")
def town(build: Build) -> Town:
    """Return the town as it stands."""
    return build()
