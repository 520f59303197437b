"""A small centre, its events and its board, for tests of the wallboard."""

from pathlib import Path
from zoneinfo import ZoneInfo

from small import SMALL

from simkcc.dashboard.board import Board
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.settings import settings_of
from simkcc.engine.compile import compile_plan
from simkcc.engine.reference import Centre as Engine
from simkcc.model.contact_log import DAY
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.model.files import load_scenario


class Still:
    """A clock that says what it is told."""

    def __init__(self, now: int = 0, speed: float = 1.0) -> None:
        self.now, self.speed = now, speed


CENTRES: dict[tuple[str, ...], Centre] = {}
DAYS: dict[tuple[int, int], tuple[Centre, Engine]] = {}
"""What was played, by identity of the plan (which stays alive with its centre) and the end."""


def small_centre(folder: Path, *settings: str) -> Centre:
    """Return the small centre with a second line, callbacks and a second queue."""
    path = folder / "small.toml"
    path.write_text(SMALL)
    if settings not in CENTRES:
        scenario = load_scenario(path, None, settings).scenario
        CENTRES[settings] = Centre(scenario, compile_plan(scenario).seeded(3, 0))
    return CENTRES[settings]


def names_of(centre: Centre) -> Directory:
    """Return the names of a centre; its first day is a Monday."""
    from datetime import date

    plan = centre.plan
    first = date.fromordinal(int(plan.settings[0]["first_date"]))
    zone = ZoneInfo("Europe/Brussels")
    return Directory(first, zone, list(plan.queue_names), list(plan.topics), list(plan.group_names))


def board_of(centre: Centre, now: int = 0) -> Board:
    """Return an empty board of a centre whose clock stands still."""
    return Board(centre, names_of(centre), Still(now), settings_of(centre.scenario, None))


def played(centre: Centre, until: int = DAY) -> tuple[list[Event], Engine]:
    """Return what the reference engine says until then, and the engine itself, to be read only.

    A day is played once for all tests.
    """
    key = id(centre.plan), until
    if key not in DAYS:
        engine = Engine(centre.plan)
        engine.run(until)
        DAYS[key] = centre, engine
    engine = DAYS[key][1]
    return list(engine.events), engine
