"""A plan that starts from a given state: who waits since when, who talks since when, who is there.

The state is a contact log, from either engine or from a ledger, as it was at a moment. Of it are
read: the contacts and legs that were open then, where those contacts had been before, and who was
there. What is not in it is taken from the plan: who is there of groups whose agents it never
mentions (the roster), hours, and which step somebody is in (drawn among the steps that the journey
of the topic allows there, each as likely as the way to it).

What cannot be given starts its step anew: a consult, and a contact of which nothing is open. Probes
are left out. How often a caller dialled before is forgotten.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from simkcc.engine.plan import Plan, exit_dtype, given_dtype, present_dtype
from simkcc.engine.ways import Places, Ways
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, ContactKind, ContactLog, How, LegKind, Outcome

WITH_LINE = (
    LegKind.MENU, LegKind.QUEUE, LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT,
)  # fmt: skip


def starting_from(plan: Plan, log: ContactLog, now: int) -> Plan:
    """Return the plan whose runs start at `now` (microseconds) from the state that a log tells.

    What happened before `now` counts; what ends at `now` or later is open. Agents keep their
    numbers where the plan has them in a group that can be; others get free numbers of their group.
    Raises SettingError if the plan has no place for somebody.
    """
    if now < 0:
        raise SettingError(f"a run cannot start {-now} us before its first midnight; start later")
    return _Start(plan, cut(log, now), now).plan()


def cut(log: ContactLog, now: int) -> ContactLog:
    """Return a log as it was at `now`: what starts then or later is not yet, what ends is open."""
    here = log.contacts["born"] < now
    contacts = log.contacts[here]
    serials = np.append(np.cumsum(here) - 1, NONE)
    contacts["parent"] = serials[contacts["parent"]]
    still = (contacts["ended"] == NONE) | (contacts["ended"] >= now)
    contacts["outcome"][still], contacts["ended"][still] = Outcome.OPEN, NONE
    legs = log.legs[(log.legs["start"] < now) & here[log.legs["contact"]]]
    legs["contact"] = serials[legs["contact"]]
    still = (legs["end"] == NONE) | (legs["end"] >= now)
    legs["how"][still], legs["end"][still] = How.OPEN, NONE
    legs["agent"][still & (legs["kind"] == LegKind.QUEUE)] = NONE
    sessions = log.sessions[log.sessions["start"] < now]
    sessions["end"][sessions["end"] >= now] = NONE
    return ContactLog(contacts, legs, sessions).in_order()


class _Start:
    """Collects what is given of a plan's start."""

    def __init__(self, plan: Plan, log: ContactLog, now: int) -> None:
        self.base, self.log, self.now = plan, log, now
        self.ways = Ways(plan)
        self.group_of = plan.group_of()
        wrapping = log.legs[(log.legs["kind"] == LegKind.WRAP) & (log.legs["how"] == How.OPEN)]
        here = log.contacts["outcome"] == Outcome.OPEN
        here[wrapping["contact"]] = True
        here &= log.contacts["kind"] != ContactKind.PROBE
        self.serials = np.flatnonzero(here).tolist()
        self.rows = {serial: row for row, serial in enumerate(self.serials)}
        self.legs: dict[int, list[Any]] = {serial: [] for serial in self.serials}
        for leg in log.legs[here[log.legs["contact"]]]:
            self.legs[int(leg["contact"])].append(leg)
        self.there = log.sessions[log.sessions["end"] == NONE]
        self.numbers = self._numbers()

    def plan(self) -> Plan:
        """Return the plan that starts so."""
        given = np.array([self._given(serial) for serial in self.serials], given_dtype)
        present = self._present()
        settings = self.base.settings.copy()
        settings["start"] = self.now
        exits = np.concatenate([self.base.exits, np.array(self.ways.exits, exit_dtype)])
        return replace(self.base, exits=exits, settings=settings, given=given, present=present)

    # ----------------------------------------------------------------- agents

    def _numbers(self) -> dict[int, int]:
        """Return the plan's number of each agent who is there or on the line with somebody."""
        groups: dict[int, list[int]] = {}
        for row in self.there:
            groups[int(row["agent"])] = [int(row["group"])]
        for legs in self.legs.values():
            for leg in legs:
                for agent in (int(leg["agent"]), int(leg["second"])):
                    if leg["how"] == How.OPEN and agent != NONE and agent not in groups:
                        groups[agent] = self._groups_of(agent, legs)
        numbers = {
            agent: agent for agent, able in groups.items()
            if 0 <= agent < len(self.group_of) and self.group_of[agent] in able
        }  # fmt: skip
        taken = set(numbers)
        for agent, able in groups.items():
            if agent not in numbers:
                numbers[agent] = self._free_number(able, taken)
                taken.add(numbers[agent])
        return numbers

    def _groups_of(self, agent: int, legs: list[Any]) -> list[int]:
        """Return the groups of the queues from which an agent came to a contact; else any."""
        for leg in reversed(legs):
            column = "second" if leg["kind"] == LegKind.CONSULT else "agent"
            if leg["kind"] in (LegKind.QUEUE, LegKind.CONSULT) and leg[column] == agent:
                if 0 <= leg["place"] < len(self.base.queues):
                    groups = self.base.routes[leg["place"]]["group"]
                    return groups[groups != NONE].tolist()
        return list(range(len(self.base.groups)))

    def _free_number(self, groups: list[int], taken: set[int]) -> int:
        for group in groups:
            for number in np.flatnonzero(self.group_of == group).tolist():
                if number not in taken:
                    return number
        names = ", ".join(self.base.group_names[g] for g in groups if g < len(self.base.groups))
        raise SettingError(
            f"more agents are at work than the scenario has in {names or 'any group'}; "
            "give it a roster that holds them"
        )

    def _present(self) -> np.ndarray:
        """Return what is known of agents."""
        told = np.unique(self.log.sessions["group"])
        rows: dict[int, tuple] = {
            number: (number, 0, self.now, NONE, NONE, NONE, NONE, NONE, 1.0)
            for number in np.flatnonzero(np.isin(self.group_of, told)).tolist()
        }
        free, channels = self._free_since(), self._channels()
        for row in self.there:
            number = self.numbers[int(row["agent"])]
            since = max(int(row["start"]), free.get(int(row["agent"]), 0))
            channel = channels.get(int(row["agent"]), NONE)
            rows[number] = (number, 1, since, channel, NONE, NONE, NONE, NONE, 1.0)
        for index, serial in enumerate(self.serials):
            for leg in self._wraps(serial):
                number = self.numbers[int(leg["agent"])]
                there = rows[number][1] if number in rows else 1
                rows[number] = (
                    number, there, self.now, channels.get(int(leg["agent"]), NONE), index, self._ways_of_wrap(serial, leg),
                    int(leg["start"]), self._ordinal(serial, leg), self._speed(serial),
                )  # fmt: skip
        return np.array([rows[number] for number in sorted(rows)], present_dtype)

    def _free_since(self) -> dict[int, int]:
        """Return when the last leg of each agent ended."""
        legs = self.log.legs[self.log.legs["how"] != How.OPEN]
        found: dict[int, int] = {}
        for column in ("agent", "second"):
            mine = legs[legs[column] != NONE]
            for agent in np.unique(mine[column]).tolist():
                last = int(mine["end"][mine[column] == agent].max())
                found[agent] = max(last, found.get(agent, 0))
        return found

    def _channels(self) -> dict[int, int]:
        """Return the kind of the contact that each agent answered last."""
        answered = self.log.legs[self.log.legs["how"] == How.ANSWERED]
        answered = answered[np.argsort(answered["end"], kind="stable")]
        kinds = self.log.contacts["kind"][answered["contact"]].tolist()
        return dict(zip(answered["agent"].tolist(), kinds, strict=True))

    # ----------------------------------------------------------------- contacts

    def _wraps(self, serial: int) -> list[Any]:
        legs = self.legs[serial]
        return [leg for leg in legs if leg["kind"] == LegKind.WRAP and leg["how"] == How.OPEN]

    def _main(self, serial: int) -> Any:
        """Return the leg the contact is in, or None."""
        legs = self.legs[serial]
        open_legs = [leg for leg in legs if leg["how"] == How.OPEN and leg["kind"] != LegKind.WRAP]
        return open_legs[-1] if open_legs else None

    def _ordinal(self, serial: int, wrap: Any) -> int:
        """Return the ordinal of a wrap-up in the run that starts: behind the leg the contact is in."""
        main = self._main(serial)
        first = 0 if main is None or main["kind"] == LegKind.CONSULT else 1
        return first + [leg["leg"] for leg in self._wraps(serial)].index(wrap["leg"])

    def _past(self, serial: int, before: float = np.inf) -> Places:
        """Return where the contact went on after its last stay before the leg of that ordinal."""
        contact = self.log.contacts[serial]
        stays = tuple(
            (int(leg["kind"]), int(leg["place"]), int(leg["how"])) for leg in self.legs[serial]
            if leg["leg"] < before and leg["kind"] != LegKind.WRAP
            and leg["how"] not in (How.OPEN, How.HELD_PLACE)
        )  # fmt: skip
        return self.ways.past(
            int(contact["kind"]), int(contact["origin"]), self._topic(serial), stays
        )

    def _topic(self, serial: int) -> int:
        """Return the topic; if it is not told, one of the queue."""
        topic = int(self.log.contacts[serial]["topic"])
        if 0 <= topic < len(self.base.topics):
            return topic
        places = [int(leg["place"]) for leg in self.legs[serial] if leg["kind"] == LegKind.QUEUE]
        named = [index for index, q in enumerate(self.base.topic_queues) if q in places[-1:]]
        return named[0] if named else 0

    def _ways_of_wrap(self, serial: int, wrap: Any) -> int:
        kind, past = int(self.log.contacts[serial]["kind"]), self._past(serial, wrap["leg"])
        places = self.ways.places(past, kind, self._topic(serial), LegKind.WRAP, NONE)
        return self.ways.row(places)

    def _speed(self, serial: int) -> float:
        """Return the speed of the agent who answered last."""
        for leg in reversed(self.legs[serial]):
            consult = leg["kind"] == LegKind.CONSULT and leg["how"] == How.REACHED
            if leg["how"] == How.ANSWERED or consult:
                agent = self.numbers.get(int(leg["second" if consult else "agent"]), NONE)
                if agent == NONE or not 0 <= leg["place"] < len(self.base.queues):
                    return 1.0
                group, routes = self.group_of[agent], self.base.routes[leg["place"]]
                rates = routes["speed"][routes["group"] == group]
                speed = float(self.base.groups[group]["speed"])
                return speed * float(rates[0]) if len(rates) else speed
        return 1.0

    def _given(self, serial: int) -> tuple:
        """Return the row of a contact."""
        contact, main, wraps = self.log.contacts[serial], self._main(serial), self._wraps(serial)
        topic, kind = self._topic(serial), int(contact["kind"])
        row: dict[str, Any] = dict.fromkeys(given_dtype.names or (), NONE)
        row |= {name: int(contact[name]) for name in ("kind", "origin", "outcome", "born", "ended")}
        row |= {"topic": topic, "due": int(contact["due"]), "speed": 1.0}
        row |= {"virtual": 0, "line": 0, "legs": len(wraps)}
        row |= {"parent": self.rows.get(int(contact["parent"]), NONE)}
        if contact["outcome"] != Outcome.OPEN:
            return tuple(row.values())
        if main is None:
            return tuple((row | {"ways": self.ways.row(self._past(serial))}).values())
        leg, held = int(main["kind"]), self._held(serial)
        places = self.ways.places(
            self._past(serial, main["leg"]), kind, topic, leg, int(main["place"])
        )
        limited = self.base.settings[0]["lines"] != NONE and kind == ContactKind.CALL
        on_line = (
            (main["second"], NONE) if leg == LegKind.QUEUE else (main["agent"], main["second"])
        )
        agent, second = (self.numbers.get(int(number), NONE) for number in on_line)
        row |= {"ways": self.ways.row(places), "agent": agent, "second": second}
        row |= {"line": int(limited and leg in WITH_LINE and held == NONE)}
        row |= {"speed": self._speed(serial)}
        if leg == LegKind.CONSULT:
            return tuple((row | {"second": NONE}).values())
        start = int(main["start"])
        virtual = leg == LegKind.QUEUE and held != NONE
        row |= {"since": start, "joined": held if virtual else start, "virtual": int(virtual)}
        return tuple((row | {"legs": 1 + len(wraps)}).values())

    def _held(self, serial: int) -> int:
        """Return when the contact joined the queue in which it hung up and kept its place, or NONE."""
        held = [int(leg["start"]) for leg in self.legs[serial] if leg["how"] == How.HELD_PLACE]
        return held[-1] if held else NONE
