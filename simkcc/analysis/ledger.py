"""Ledger: events -> contact log. The only reducer of events; it counts nothing as it goes.

Events are filed by what they are about; rows are worked out from the files when somebody asks. So
neither the order of events nor repetition changes what comes out.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import numpy as np

from simkcc.analysis.ledger_rules import (
    ABOUT_THE_STREAM,
    ARRIVAL,
    AWAY,
    BEGUN,
    END,
    ENDS,
    INT16,
    INT32,
    KINDS,
    RANKS,
    RULES,
    START_RANK,
    STARTS,
    TOLD,
    TURNED_AWAY,
    UINT64,
    VAGUE,
    Rejection,
)
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    ContactLog,
    How,
    LegKind,
    Outcome,
    contact_dtype,
    leg_dtype,
    session_dtype,
)
from simkcc.model.events import Event, Happening

File = dict[int, Event]
LegRow = tuple[int, int, int, int, int, int, int, int, int]
ContactRow = tuple[int, int, int, int, int, int, int, int, int]
SessionRow = tuple[int, int, int, int]

NO_LEG: LegRow = (NONE,) * 9


class Ledger:
    """What has happened so far, as far as events tell."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._files: dict[int, File] = {}
        self._contacts: dict[int, _Contact] = {}
        self._changed: set[int] = set()
        self._agent_files: dict[int, File] = {}
        self._agents: dict[int, _Agent] = {}
        self._agents_changed: set[int] = set()
        self._refused: dict[Event, Rejection] = {}
        self._since = 0
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take an event into account, whenever it comes; once, however often it comes."""
        rule = RULES.get(event.what)
        if rule is None or event.family not in KINDS:
            self._apply_other(event)
            return
        least, most, base, step = rule
        leg, serial = event.leg, event.contact
        if not (
            least <= event.code <= most
            and (0 <= leg < INT32 or base == ARRIVAL)
            and 0 <= event.at < FOREVER
            and 0 <= serial < FOREVER
            and NONE <= event.place < INT16
            and NONE <= event.agent < INT32
            and NONE <= event.second < INT32
            and (base != ARRIVAL or _may_arrive(event))
        ):
            self._refused[event] = Rejection.MALFORMED
            return
        file = self._files.get(serial)
        if file is None:
            if event.at < self._since:
                self._refused[event] = Rejection.RETIRED
                return
            file = self._files[serial] = {}
        slot = base + leg * step
        known = file.get(slot)
        if known is None or (known is not event and known != event):
            file[slot] = event if known is None else self._earlier(known, event)
            self._changed.add(serial)

    def log(self) -> ContactLog:
        """Return what happened so far; what is not finished is open.

        Rows are numbered by the serials of the contacts that have arrived, without gaps.
        """
        self._work_out()
        serials = self._arrived()
        found = [self._contacts[serial] for serial in serials]
        legs = chain.from_iterable(contact.legs for contact in found)
        stretches = chain.from_iterable(
            self._agents[agent].sessions for agent in sorted(self._agents)
        )
        log = ContactLog(
            np.array([contact.row for contact in found], contact_dtype),
            np.array(list(legs), leg_dtype),
            np.array(sorted(stretches, key=_by_start), session_dtype),
        )
        if serials and serials[-1] >= len(serials):
            _close_gaps(log, np.array(serials, np.int64))
        return log

    def serials(self) -> np.ndarray:
        """Return the serial of each row of the log's contacts."""
        return np.array(self._arrived(), np.int64)

    def _arrived(self) -> list[int]:
        return [serial for serial in sorted(self._files) if ARRIVAL in self._files[serial]]

    @property
    def rejected(self) -> Counter[Rejection]:
        """How many different events are not part of the log, by reason."""
        self._work_out()
        contacts = (contact.rejected for contact in self._contacts.values())
        agents = (agent.rejected for agent in self._agents.values())
        return Counter(chain(self._refused.values(), *contacts, *agents))

    def retire(self, before: int) -> None:
        """Put away what was over before a time, so that a board can run for years.

        What is open stays: a callback of last week, an agent who came yesterday. Earlier events
        about what was put away are refused from here on; about what stayed they count as ever.
        """
        self._work_out()
        self._since = max(self._since, before)
        over = [serial for serial, found in self._contacts.items() if found.over_by(before)]
        for serial in over:
            del self._contacts[serial], self._files[serial]
        for agent, file in self._agent_files.items():
            early = sorted(slot for slot in file if file[slot].at < before)
            still_there = bool(early) and file[early[-1]].code == 1
            for slot in early[:-1] if still_there else early:
                del file[slot]
            self._agents_changed.add(agent)
        self._refused = {e: why for e, why in self._refused.items() if e.at >= before}

    def _apply_other(self, event: Event) -> None:
        if event.family in ("stream", "metrics") and event.what in ABOUT_THE_STREAM:
            return
        if event.family != "agent" or event.what is not Happening.STATE:
            self._refused[event] = Rejection.RESERVED
        elif not (
            event.code in (0, 1)
            and 0 <= event.at < FOREVER
            and 0 <= event.agent < INT32
            and NONE <= event.place < INT32
        ):
            self._refused[event] = Rejection.MALFORMED
        else:
            file = self._agent_files.setdefault(event.agent, {})
            slot = 2 * event.at + event.code
            if slot not in file and event.at < self._since:
                self._refused[event] = Rejection.RETIRED
                return
            known = file.setdefault(slot, event)
            if known != event:
                file[slot] = self._earlier(known, event)
            self._agents_changed.add(event.agent)

    def _earlier(self, known: Event, event: Event) -> Event:
        """Keep one of two events that contradict each other, whichever came first."""
        doubts = [_doubt(each) for each in (known, event)]
        if doubts[0] != doubts[1]:
            return known if doubts[0] < doubts[1] else event
        kept, other = sorted((known, event), key=_content)
        if not doubts[0] and not _is_said_again(kept, other):
            self._refused[other] = Rejection.CONTRADICTED
        return kept

    def _work_out(self) -> None:
        for serial in self._changed:
            self._contacts[serial] = _Contact(serial, self._files[serial])
        for agent in self._agents_changed:
            self._agents[agent] = _Agent(self._agent_files[agent])
        self._changed.clear()
        self._agents_changed.clear()


class _Contact:
    """What the file of one contact tells: its row, its legs, and why some events do not fit."""

    __slots__ = ("_main", "_now", "_outcome", "_over_at", "_serial", "legs", "rejected", "row")

    def __init__(self, serial: int, file: File) -> None:
        self.legs: list[LegRow] = []
        self.rejected: list[Rejection] = []
        self.row: ContactRow | None = None
        arrived = file.get(ARRIVAL)
        if arrived is None:
            self.rejected = [Rejection.UNKNOWN_CONTACT] * len(file)
            return
        self._serial, self._now, self._main = serial, arrived.at, NONE
        self._outcome, self._over_at = int(Outcome.OPEN), NONE
        self._read(file, arrived.family)
        self.row = (
            KINDS[arrived.family], arrived.code, self._outcome, arrived.topic, arrived.parent,
            arrived.at, self._over_at, arrived.due, arrived.key,
        )  # fmt: skip

    def over_by(self, before: int) -> bool:
        """Return whether it was over before a time, the after-call work included."""
        if self.row is None:
            return False
        return self._over_at != NONE and self._over_at < before and all(
            leg[-1] != NONE and leg[-1] < before for leg in self.legs
        )  # fmt: skip

    def _read(self, file: File, family: str) -> None:
        end = file.get(END)
        n_legs = end.leg if end is not None and end.family == family else INT32
        for slot in sorted(file):
            event = file[slot]
            if event.family != family:
                self.rejected.append(Rejection.CONTRADICTED)
            elif slot == ARRIVAL:
                continue
            elif slot >= AWAY:
                self._finish(event, slot)
            elif event.leg >= n_legs:
                self.rejected.append(Rejection.AFTER_END)
            elif slot % RANKS == START_RANK:
                self._start(event, STARTS[event.what])
            else:
                self._end(event)

    def _start(self, event: Event, kind: int) -> None:
        if event.at < self._now:
            self.rejected.append(Rejection.TOO_EARLY)
            return
        if kind != LegKind.WRAP:
            self._leave(event.at)
            self._main = len(self.legs)
        self.legs.append(
            (
                self._serial, event.leg, kind, How.OPEN, event.place, event.agent, event.second,
                event.at, NONE,
            )
        )  # fmt: skip

    def _end(self, event: Event) -> None:
        last = self.legs[-1] if self.legs else NO_LEG
        serial, leg, kind, _, place, agent, second, start, _ = last
        if leg != event.leg or kind not in ENDS[event.what]:
            self.rejected.append(Rejection.NOT_STARTED)
            return
        if event.at < start:
            self.rejected.append(Rejection.TOO_EARLY)
            return
        agent = agent if event.agent == NONE else event.agent
        second = second if event.second == NONE else event.second
        how = How.DONE if kind == LegKind.WRAP else event.code
        self.legs[-1] = (serial, leg, kind, how, place, agent, second, start, event.at)
        if kind != LegKind.WRAP:
            self._now, self._main = event.at, NONE

    def _leave(self, at: int) -> None:
        """End the main leg, if it has not ended, because the next begins or the contact ends."""
        self._now = at
        if self._main != NONE:
            serial, leg, kind, _, place, agent, second, start, _ = self.legs[self._main]
            how = How.UNKNOWN if kind in TOLD else How.DONE
            self.legs[self._main] = (serial, leg, kind, how, place, agent, second, start, at)
            self._main = NONE

    def _finish(self, event: Event, slot: int) -> None:
        if event.at < self._now:
            self.rejected.append(Rejection.TOO_EARLY)
            return
        outcome = event.code if slot == END else TURNED_AWAY[event.what]
        if self._over_at != NONE and outcome != self._outcome:
            self.rejected.append(Rejection.CONTRADICTED)
        self._leave(event.at)
        self._outcome, self._over_at = outcome, event.at


class _Agent:
    """What the file of one agent tells: when there, and why some events do not fit."""

    __slots__ = ("rejected", "sessions")

    def __init__(self, file: File) -> None:
        self.sessions: list[SessionRow] = []
        self.rejected: list[Rejection] = []
        there: Event | None = None
        for _, event in sorted(file.items()):
            if event.code == 1 and there is None:
                there = event
            elif event.code == 1:
                self.rejected.append(Rejection.ALREADY_THERE)
            elif there is None:
                self.rejected.append(Rejection.NOT_STARTED)
            else:
                self.sessions.append((there.agent, there.place, there.at, event.at))
                there = None
        if there is not None:
            self.sessions.append((there.agent, there.place, there.at, NONE))


def _may_arrive(event: Event) -> bool:
    """Return whether what only arrivals tell fits its columns."""
    return (
        NONE <= event.topic < INT32
        and NONE <= event.parent < FOREVER
        and NONE <= event.due < FOREVER
        and 0 <= event.key < UINT64
    )


def _doubt(event: Event) -> int:
    """Return how vaguely an event says how something ended, or when it began: 0 if exactly."""
    if event.what in BEGUN:
        return int(event.due != NONE)
    codes = VAGUE.get(event.what, ())
    return len(codes) - codes.index(event.code) if event.code in codes else 0


def _is_said_again(kept: Event, other: Event) -> bool:
    """Return whether the one that counts only says that the same arrived earlier.

    Sources that meet a call under way tell later since when; the moment they met it was the latest
    that it can have been.
    """
    return kept.what is Happening.ARRIVED and other._replace(at=kept.at) == kept


def _content(event: Event) -> tuple[object, ...]:
    """Return a key that orders any two events that differ: the earlier first."""
    return (
        event.order, event.what.word, event.second, event.topic, event.parent, event.due, event.key,
    )  # fmt: skip


def _by_start(row: SessionRow) -> tuple[int, int]:
    return row[2], row[0]


def _close_gaps(log: ContactLog, serials: np.ndarray) -> None:
    """Number the rows of a log whose contacts have serials with gaps; an unknown parent is NONE."""
    log.legs["contact"] = np.searchsorted(serials, log.legs["contact"])
    parents = log.contacts["parent"]
    places = np.minimum(np.searchsorted(serials, parents), len(serials) - 1)
    log.contacts["parent"] = np.where(serials[places] == parents, places, NONE)
