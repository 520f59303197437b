"""Where the events of a board come from: a simulated day, a recording, or real calls."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.dashboard.figures import Centre
    from simkcc.model.cloudevents import EventOrigin
    from simkcc.model.controls import Clock
    from simkcc.model.directory import Directory
    from simkcc.model.events import Event
    from simkcc.streams.ingest import Reader


@dataclass
class Source:
    """Where the events of a board come from."""

    origin: "EventOrigin"
    name: str
    """What people call it."""
    urn: str
    directory: "Directory"
    clock: "Clock"
    events: "AsyncIterator[Event] | None"
    reader: "Reader | None" = None
    simrun: str = ""


def simulated(centre: "Centre", run: str, speed: float, start: int, zone: str) -> Source:
    """Return a day of the reference engine. run: name of the scenario and variant."""
    from simkcc.streams.simulated import Simulated

    names = names_of(centre, zone)
    playing = Simulated(centre.plan, names, start, speed)
    seed = int(centre.plan.settings[0]["seed"])
    return Source(
        "sim", run, f"urn:simkcc:{run}", names, playing, playing.events(),
        simrun=f"seed-{seed}-{names.first_date.isoformat()}",
    )  # fmt: skip


def replayed(centre: "Centre", path: Path, speed: float, start: int, zone: str) -> Source:
    """Return a recorded day."""
    from simkcc.streams.replay import Replay

    directory = names_of(centre, zone)
    recorded = Replay(path, directory, speed, start)
    return Source(
        "replay", path.name, f"urn:simkcc:replay:{path.name}", directory, recorded,
        recorded.events(), recorded.reader,
    )  # fmt: skip


def live(centre: "Centre", urn: str, zone: str) -> Source:
    """Return real calls, told over HTTP."""
    from datetime import datetime

    from simkcc.streams.ingest import Reader
    from simkcc.streams.pace import WallClock

    directory = names_of(centre, zone)
    directory.first_date = datetime.now(directory.zone).date()
    clock = WallClock(directory)
    return Source("live", urn, urn, directory, clock, None, Reader(urn, simulated=False))


def names_of(centre: "Centre", zone: str) -> "Directory":
    """Return the names a scenario gives to the numbers of events."""
    from datetime import date
    from zoneinfo import ZoneInfo

    from simkcc.model.directory import Directory

    plan = centre.plan
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SettingError(f"--zone {zone}: no such zone; give one like Europe/Brussels") from None
    first = date.fromordinal(int(plan.settings[0]["first_date"]))
    return Directory(
        first, place, list(plan.queue_names), list(plan.topics), list(plan.group_names)
    )


def moment(at: str) -> int:
    """Return a time of day in microseconds."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", at)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise SettingError(f"--at {at}: give a time of day like 09:30")
    return (int(match[1]) * 3600 + int(match[2]) * 60) * 1_000_000
