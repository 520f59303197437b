"""Messages as CloudEvents that speak of calls by name, and back: what travels between towns.

The same message has the same id, so that a broker may deliver it twice. Agents travel as pseudonyms.
"""

import time
from datetime import UTC, datetime
from hashlib import sha256

from simkcc.errors import SimkccError
from simkcc.model.contact_log import NONE
from simkcc.model.directory import NO_DATE
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Bodies
from simkcc.streams.jsontext import Object, objects_of, parsed, text_of
from simkcc.streams.names import CALL, MESSAGE, TELLER, Name, digest_of
from simkcc.streams.neutral import Message, read_cloudevents
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.reading import Course
from simkcc.streams.receipts import Receipts
from simkcc.streams.source import Options

TEXTS = ("call", "queue", "parent", "caller")


def to_cloudevent(message: Message, source: str, pseudonyms: Pseudonyms) -> dict[str, object]:
    """Return a message as a CloudEvent. source: URI of who tells it."""
    told: dict[str, object] = {key: getattr(message, key) for key in TEXTS if getattr(message, key)}
    if message.agent:
        told["agent"] = pseudonyms.of(f"agent {message.agent}")
    if message.reason:
        told["state" if message.type == neutral.AGENT_STATE else "reason"] = message.reason
    for key in ("wait_s", "talk_s"):
        if getattr(message, key) is not None:
            told[key] = round(getattr(message, key), 6)
    if message.visit != NONE:
        told["visit"] = message.visit
    if message.vague or message.at is None:
        told["vague"] = True
    moment = time.time_ns() // 1000 if message.at is None else message.at
    parts = [source, message.type, str(message.at), *map(str, told.values())]
    return {
        "specversion": "1.0",
        "id": sha256("\0".join(parts).encode()).hexdigest()[:32],
        "source": source,
        "type": f"simkcc.{message.type}.v1",
        "subject": f"call/{message.call}" if message.call else f"agent/{told.get('agent', '')}",
        "time": datetime.fromtimestamp(moment / 1e6, UTC).isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "partitionkey": message.call or str(told.get("agent", "")),
        "origin": "live",
        "data": told,
    }


class NamedReading(Bodies):
    """CloudEvents in named form to events: once each, in whatever order they come.

    Many may tell: a call, a queue or an agent of one is never that of another. As long as only one
    source tells, its queues keep their names; those of any other carry its name as well.
    """

    def __init__(self, options: Options, apart: bool = False) -> None:
        """apart: whether queues carry the name of their source from the start, as many will tell."""
        super().__init__(options)
        self._apart = apart
        self._first = b""
        self.receipts = Receipts(self)

    def body(self, text: bytes, received: int, of: object = None) -> list[Event]:
        """Return the events of one CloudEvent or a list of them. of: what a broker wants back for it."""
        events: list[Event] = []
        messages: list[Message] = []
        for wrapped in objects_of(parsed(text)):
            found = self._messages(wrapped)
            events += self.take(found, received)
            messages += found
        return self.receipts.took(events, self.numbering.names.taken(), messages, of)

    def aside(self, events: list[Event]) -> list[Event]:
        """Return events that no message told, noted as told."""
        return self.receipts.passed(events, self.numbering.names.taken())

    def resume(self, names: list[Name], courses: dict[int, Course]) -> None:
        """Go on where another reading was: nothing that it took is taken again."""
        for name in names:
            if name.kind == MESSAGE:
                self.once.again(name.digest.hex())
            elif name.kind == TELLER:
                self._first = name.digest
            elif name.kind == CALL and name.number in courses:
                self.pick_up(name.digest, courses[name.number])

    def _messages(self, wrapped: Object | None) -> list[Message]:
        try:
            found = read_cloudevents(wrapped if wrapped is not None else [None])
        except SimkccError:
            self.counts["malformed"] += 1
            return []
        assert wrapped is not None
        source = text_of(wrapped, "source")
        identity, heard = f"{source} {text_of(wrapped, 'id')}", self.numbering.names
        if self.once.again(digest_of(identity).hex()):
            self.counts["duplicate"] += 1
            return []
        heard.note(MESSAGE, identity)
        found = [message for message in found if not self._is_past(message)]
        self.counts["read" if found else "other"] += 1
        if not self._first:
            self._first = digest_of(source)
            heard.note(TELLER, source)
        if self._apart or digest_of(source) != self._first:
            for message in found:
                _keep_apart(message, source)
        return found

    def _is_past(self, message: Message) -> bool:
        """Return whether a message is of a day before those that are shown: a broker keeps them."""
        first = self.directory.first_date
        if message.at is None or first == NO_DATE:
            return False
        return datetime.fromtimestamp(message.at / 1e6, self.directory.zone).date() < first


def _keep_apart(message: Message, source: str) -> None:
    """Let names of a source stand for nothing of another."""
    town = source.removeprefix("urn:simkcc:")
    if message.queue:
        message.queue = f"{message.queue} ({town})"[:200]
    if message.agent:
        message.agent = f"{message.agent} ({town})"[:200]
    for key in ("call", "parent", "caller"):
        name = getattr(message, key)
        if name:
            setattr(message, key, sha256(f"{source} {name}".encode()).hexdigest()[:16])
