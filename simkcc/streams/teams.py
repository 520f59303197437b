"""Microsoft Teams: call records and presence. A partial source: a record comes after the call.

Nothing public tells who waits now. A call record says, minutes after the end, which resource account
was called (each call queue has one) and which agents were rung. It does not say why a caller left
without an answer: hung up, timed out, went to voice mail. All those are unknown here. Presence says
what agents do now, but not for which queue.

https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
"""

from itertools import pairwise
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Bodies, recorded
from simkcc.streams.jsontext import Object, inside, moment_of, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options

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
        self._queues = _accounts(options.more.get("accounts"))

    def body(self, text: bytes, received: int) -> list[Event]:
        """Return the events of a call record, of presences, or of a list of them."""
        events: list[Event] = []
        for told in objects_of(parsed(text)):
            each = told.get("value") if told is not None else None
            for one in objects_of(each) if isinstance(each, list) else (told,):
                events += self.take(self._messages(one, received), received)
        return events

    def _messages(self, told: Object | None, received: int) -> list[Message]:
        if told is not None and text_of(told, "availability") and text_of(told, "id"):
            self.counts["read"] += 1
            return [_presence(told, received)]
        if told is None or not text_of(told, "id") or not isinstance(told.get("sessions"), list):
            self.counts["malformed"] += 1
            return []
        if self.once.again(text_of(told, "id")):
            known = f"{text_of(told, 'id')} {told.get('version')}"
            self.counts["duplicate" if self.once.again(known) else "newer version"] += 1
            return []
        self.once.again(f"{text_of(told, 'id')} {told.get('version')}")
        self.counts["read"] += 1
        return self._record(told)

    def _record(self, told: Object) -> list[Message]:
        """Return the visits of a finished call, as if they had been told while they happened."""
        call = self.pseudonyms.of(text_of(told, "id"))
        legs = sorted(filter(None, map(self._leg, objects_of(told["sessions"]))))
        starts = [number for number, leg in enumerate(legs) if leg[2]]
        messages: list[Message] = []
        for this, following in pairwise([*starts, len(legs)]):
            start, end, queue, _, _ = legs[this]
            messages.append(Message(neutral.QUEUED, start, call, queue))
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
        if not messages:
            self.counts["other"] += 1
        return messages

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


def _who(endpoint: Object) -> tuple[str, str]:
    """Return the identifier and the name of a user; a telephone number is nobody."""
    user = inside(endpoint, "identity", "user") or inside(endpoint, "associatedIdentity")
    if "phone" in text_of(user, "@odata.type"):
        return "", ""
    return text_of(user, "id"), text_of(user, "displayName")


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
    try:
        found = parsed(Path(path).read_bytes())
    except OSError as error:
        raise SettingError(f"accounts {path}: cannot read it ({error.strerror})") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise SettingError(f"accounts {path}: must be an object of identifiers and names")
    return found


open_recording = recorded(TeamsReading)
