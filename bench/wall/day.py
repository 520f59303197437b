"""The events of a simulated day, told as if they happened today, somewhere else."""

from datetime import datetime
from pathlib import Path

from bench.wall.program import URN, ZONE
from simkcc.dashboard.figures import Centre
from simkcc.engine.compile import compile_plan
from simkcc.engine.reference import Centre as Engine
from simkcc.model.cloudevents import Envelope, to_json
from simkcc.model.contact_log import DAY
from simkcc.model.events import Event
from simkcc.model.files import load_scenario

ANTWERP = Path(__file__).parents[2] / "scenarios" / "antwerp.toml"


def centre_of(scenario: Path = ANTWERP, *settings: str) -> Centre:
    """Return a centre as the board sees it."""
    found = load_scenario(scenario, None, settings).scenario
    return Centre(found, compile_plan(found).seeded(1, 0))


def played(centre: Centre, until: int = DAY) -> list[Event]:
    """Return what happens in a centre until then."""
    engine = Engine(centre.plan)
    engine.run(until)
    return engine.events


def envelope() -> Envelope:
    """Return what a sender writes around its events."""
    return Envelope(URN, "live", datetime.now(ZONE).date(), ZONE)


def wrapped(events: list[Event]) -> list[dict[str, object]]:
    """Return events as CloudEvents of today."""
    around = envelope()
    return [to_json(event, around) for event in events]
