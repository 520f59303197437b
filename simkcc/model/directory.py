"""Names behind the numbers of events: queues, topics, groups and agents of a source."""

from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from simkcc.model.interval import Interval

NO_DATE = date(1970, 1, 1)
"""First date of a source that has told nothing yet."""


@dataclass
class Directory:
    """What the numbers of a source's events stand for.

    A simulated source knows all names at the start; one that listens adds them as it meets them.
    Names of agents are pseudonyms, unless a local file says otherwise; no citizen is in here.
    """

    first_date: date
    """Local date of time 0."""
    zone: tzinfo = UTC
    """Where the centre is."""
    queues: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    people: dict[int, str] = field(default_factory=dict)
    """What the exchange calls its agents, by number: in memory only, for the console. Never stored."""
    states: dict[int, str] = field(default_factory=dict)
    """What the exchange said last of each agent: `ready`, `offline`, `paused` and the reason. In
    memory only, for the console."""
    ringing: dict[int, int] = field(default_factory=dict)
    """For which contact an agent's telephone rings, by number of the agent. In memory only."""
    told: dict[tuple[int, int], int | None] = field(default_factory=dict)
    """By (contact, leg): how long a stay lasted as its exchange counts, in microseconds, where nobody
    saw its start and end; None if nobody knows."""
    intervals: dict[tuple[int, int], Interval] = field(default_factory=dict)
    """By (queue, start): what was counted, from a source that tells no more."""
    partial: tuple[str, ...] = ()
    """What this source cannot know: `waiting` (who waits now), `reasons` (why callers left without an
    answer), `holds`, `calls` (single calls: it only counts). A board says so."""
    wrap_up_told: bool = True
    """Whether this source tells of after-call work; if not, what is known of it is inferred."""
    timed: bool = True
    """Whether times are times of day; if not, only the lengths of stays mean something."""


def number_of(name: str, names: list[str]) -> int:
    """Return the number of a name, adding it if it is new."""
    try:
        return names.index(name)
    except ValueError:
        names.append(name)
        return len(names) - 1
