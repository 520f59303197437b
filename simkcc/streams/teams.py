"""Microsoft Teams: call records and presence. A partial source: a record comes after the call.

Nothing public tells who waits now. A call record says, minutes after the end, which resource account
was called (each call queue has one) and which agents were rung. It does not say why a caller left
without an answer: hung up, timed out, went to voice mail. All those are unknown here. Presence says
what agents do now, but not for which queue.

https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
"""

from collections import OrderedDict
from itertools import pairwise

from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Bodies, recorded
from simkcc.streams.jsontext import Object, inside, moment_of, names_in, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options

REMEMBERED = 50_000
"""Records that are remembered, for their newer versions."""

PARTIAL = ("waiting", "reasons", "holds")

AWAY = {
    "Offline": "offline",
    "PresenceUnknown": "unknown",
    "OffWork": "offline",
    "OutOfOffice": "offline",
}
READY = frozenset(("Available", "AvailableIdle", "InACall", "Busy"))
"""Somebody in a call is there: availability says Busy, activity InACall."""


class TeamsReading(Bodies):
    """Call records and presences to events."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.directory.partial = PARTIAL
        self._options = options
        self._queues = _accounts(options.more.get("accounts"))
        self._records: OrderedDict[str, tuple[int, list[Message]]] = OrderedDict()
        """Version and messages of the records that were told."""

    def body(self, text: bytes, received: int) -> list[Event]:
        """Return the events of a call record, of presences, or of a list of them."""
        events: list[Event] = []
        for told in objects_of(parsed(text)):
            each = told.get("value") if told is not None else None
            for one in objects_of(each) if isinstance(each, list) else (told,):
                events += self.object(one, received)
        return events

    def object(self, told: Object | None, received: int) -> list[Event]:
        """Return the events of one call record or presence."""
        if told is not None and text_of(told, "availability") and text_of(told, "id"):
            self.counts["read"] += 1
            return self.take([_presence(told, received)], received)
        if told is None or not text_of(told, "id") or not isinstance(told.get("sessions"), list):
            self.counts["malformed"] += 1
            return self.tick(received)
        name, version = text_of(told, "id"), told.get("version")
        version = version if isinstance(version, int) else 1
        known = self._records.get(name)
        if known is not None and version <= known[0]:
            self.counts["duplicate"] += 1
            return self.tick(received)
        messages = self._record(told)
        self._records[name] = (version, messages)
        if len(self._records) > REMEMBERED:
            self._records.popitem(last=False)
        if known is not None:
            return self.number(self._amended(known[1], messages))
        self.counts["read"] += 1
        return self.take(messages, received)

    def _amended(self, before: list[Message], after: list[Message]) -> list[Message]:
        """Return what a newer version adds; what it takes back stays as it was told."""
        starts = [
            [each for each in told if each.type == neutral.QUEUED] for told in (before, after)
        ]
        if starts[1][: len(starts[0])] != starts[0]:
            self.counts["contradicted"] += 1
            return []
        self.counts["amended"] += 1
        return [each for each in after if each not in before]

    def _record(self, told: Object) -> list[Message]:
        """Return the visits of a finished call, as if they had been told while they happened."""
        call = self.pseudonyms.of(text_of(told, "id"))
        legs = sorted(filter(None, map(self._leg, objects_of(told["sessions"]))))
        starts = [number for number, leg in enumerate(legs) if leg[2]]
        messages: list[Message] = []
        caller = self._caller(told)
        for visit, (this, following) in enumerate(pairwise([*starts, len(legs)])):
            start, end, queue, _, _ = legs[this]
            messages.append(Message(neutral.QUEUED, start, call, queue, caller=caller))
            agents = [leg for leg in legs[this + 1 : following] if leg[3]]
            for rung, over, _, agent, failed in agents:
                if failed:
                    messages.append(Message(neutral.REFUSED, over, call, queue, agent, "no_answer"))
                    continue
                messages.append(Message(neutral.ANSWERED, rung, call, queue, agent))
                messages.append(Message(neutral.TALKED, over, call, queue, agent))
                break
            else:
                until = legs[following][0] if following < len(legs) else end
                messages.append(Message(neutral.LEFT, until, call, queue, reason="unknown"))
            for message in messages:
                message.visit = visit if message.visit == NONE else message.visit
        if not messages:
            self.counts["other"] += 1
        return messages

    def _caller(self, told: Object) -> str:
        """Return the pseudonym of who called, for the day, if somebody asked for it."""
        if not self._options.repeats:
            return ""
        for session in objects_of(told["sessions"]):
            number = text_of(inside(session, "caller", "identity", "phone"), "id")
            if number:
                return self._options.caller(number, moment_of(session or {}, "startDateTime"))
        return ""

    def _leg(self, session: Object | None) -> tuple[int, int, str, str, bool] | None:
        """Return start, end, queue, agent and failure of a session; None if it is neither's."""
        start = moment_of(session or {}, "startDateTime")
        end = moment_of(session or {}, "endDateTime")
        if session is None or start is None or end is None:
            return None
        called, name = _who(inside(session, "callee"))
        if called in self._queues:
            queue = self._queues[called]
            return (start, end, queue, "", False) if queue else None
        if not called:
            return None
        return (start, max(end, start), "", name or called, bool(inside(session, "failureInfo")))


PEOPLE = ("user", "applicationInstance", "application")
"""Kinds of identity that can be an agent or a resource account; a telephone number is nobody."""


def _who(endpoint: Object) -> tuple[str, str]:
    """Return the identifier and the name of an agent or a resource account."""
    for kind in PEOPLE:
        found = inside(endpoint, "identity", kind)
        if found:
            return text_of(found, "id"), text_of(found, "displayName")
    found = inside(endpoint, "associatedIdentity")
    if "phone" in text_of(found, "@odata.type"):
        return "", ""
    return text_of(found, "id"), text_of(found, "displayName")


def _presence(told: Object, received: int) -> Message:
    availability = text_of(told, "availability")
    state = AWAY.get(availability, f"paused {availability}")
    if availability in READY:
        state = "ready"
    return Message(neutral.AGENT_STATE, received, agent=text_of(told, "id"), reason=state)


def _accounts(path: str | None) -> dict[str, str]:
    """Return the queues by the identifiers of their resource accounts, from a file of JSON.

    An auto attendant has an empty name: its account is known, and no queue.
    """
    if not path:
        raise SettingError(
            "teams: give accounts=FILE behind the question mark: a JSON object of the identifiers "
            'of resource accounts and the names of their queues ("" for an auto attendant)'
        )
    return names_in(path, "accounts", '{"11111111-…": "Afval"}')


open_recording = recorded(TeamsReading)
