"""Amazon Connect: contact events from EventBridge and agent events from Kinesis, as lines or by SQS.

Contact events come at best effort, may come twice and in any order. Each repeats what went before:
when the contact joined its queue, when an agent took it. So one that is lost is made up for by the
next. A transfer is a contact of its own, which names the one before. No event says that a caller
gave up: a contact that disconnects with a queue and without an agent did.
"""

from dataclasses import replace

from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Bodies, recorded
from simkcc.streams.jsontext import Object, inside, moment_of, names_in, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options

CONTACTS = "Amazon Connect Contact Event"

INWARD = frozenset(("", "INBOUND", "WEBRTC_API", "TRANSFER", "QUEUE_TRANSFER", "DISCONNECT"))
"""How a contact began, if a caller waits. Outbound calls and callbacks have nobody on the line."""

REASONS = {
    "": "abandoned",
    "CUSTOMER_DISCONNECT": "abandoned",
    "CONTACT_FLOW_DISCONNECT": "overflow",
}
"""disconnectReason of a contact that had a queue and no agent."""

ONWARD = {"QUEUE_TRANSFER": "overflow", "CALLBACK": "callback"}
"""How a contact began that another one in a queue became, and why that one left its queue."""

SILENCE = 150 * SECOND
"""An agent who is there is heard every 120 s; after so long without a word something is lost."""

LINES = {
    "CONNECTING": neutral.OFFERED, "MISSED": neutral.REFUSED, "REJECTED": neutral.REFUSED,
    "ERROR": neutral.REFUSED, "CONNECTED_ONHOLD": neutral.HELD,
}  # fmt: skip
"""State of a contact in an agent's snapshot, and what it tells. CONNECTED after a hold ends it."""


class ConnectReading(Bodies):
    """Bodies to events."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._names = _names(options.more.get("names"))
        self._agents: dict[str, int] = {}
        self._held: set[str] = set()
        self._options = options
        self.numbering.wrap_up = 0  # Amazon tells it
        self._there: set[str] = set()
        """Agents who were there when last heard."""
        self._heard = 0
        """When an agent was last heard, in microseconds since 1970; 0 while nobody is missed."""

    def tick(self, now: int) -> list[Event]:
        """Return the events of what has waited long enough; a gap if agents fell silent."""
        events = super().tick(now)
        if self._there and self._heard and now - self._heard > SILENCE:
            events += self.number([Message(neutral.GAP, self._heard, reason="agents")])
            self._heard = 0
        return events

    def body(self, text: bytes, received: int) -> list[Event]:
        """Return the events of one event of Amazon's, or of a list of them."""
        events: list[Event] = []
        for told in objects_of(parsed(text)):
            events += self.take(self._messages(_unwrapped(told), received), received)
        return events

    def _messages(self, told: Object | None, received: int) -> list[Message]:
        if told is None:
            self.counts["malformed"] += 1
            return []
        identity = text_of(told, "id", "EventId")
        if identity and self.once.again(identity):
            self.counts["duplicate"] += 1
            return []
        if text_of(told, "detail-type") == CONTACTS:
            return self._contact(inside(told, "detail"), received)
        if text_of(told, "AgentARN"):
            return self._agent(told, received)
        self.counts["other" if identity else "malformed"] += 1
        return []

    # ----------------------------------------------------------------- contacts

    def _contact(self, told: Object, received: int) -> list[Message]:
        contact, kind = text_of(told, "contactId"), text_of(told, "eventType")
        if not contact or not kind:
            self.counts["malformed"] += 1
            return []
        before = text_of(told, "previousContactId")
        method = text_of(told, "initiationMethod")
        if before and method in ONWARD:
            self._went_on(before, ONWARD[method], received)
        queue = self._name(text_of(inside(told, "queueInfo"), "queueArn"))
        if text_of(told, "channel") not in ("", "VOICE") or method not in INWARD or not queue:
            self.counts["other"] += 1
            return []
        self.counts["read"] += 1
        return [
            message
            for message in self._course(told, contact, before, queue, kind, received)
            if not self.once.again(f"{contact} {message.type}")
        ]

    def _course(
        self, told: Object, contact: str, before: str, queue: str, kind: str, received: int
    ) -> list[Message]:
        """Return all that an event tells of a contact; most of it was told by the one before."""
        call = self.pseudonyms.of(contact)
        parent = self.pseudonyms.of(before) if before else ""
        agent = self._name(text_of(inside(told, "agentInfo"), "agentArn"))
        answered = moment_of(inside(told, "agentInfo"), "connectedToAgentTimestamp")
        joined = moment_of(inside(told, "queueInfo"), "enqueueTimestamp")
        over = moment_of(told, "disconnectTimestamp") if kind != "QUEUED" else None
        messages = []
        if joined is not None:
            number = text_of(inside(told, "customerEndpoint"), "address")
            caller = self._options.caller(number, joined)
            messages.append(
                Message(neutral.QUEUED, joined, call, queue, parent=parent, caller=caller)
            )
        if agent and answered is not None:
            messages.append(Message(neutral.ANSWERED, answered, call, queue, agent))
        if over is not None and agent:
            messages.append(Message(neutral.TALKED, over, call, queue, agent))
            messages += _work_after(told, Message(neutral.WRAP_UP, over, call, queue, agent))
        elif over is not None:
            messages += self._gone(
                told, contact, Message(neutral.LEFT, over, call, queue), received
            )
        return messages

    def _gone(self, told: Object, contact: str, left: Message, received: int) -> list[Message]:
        """Return that a caller left; unless sure why, wait whether the call goes on elsewhere."""
        reason = text_of(told, "disconnectReason")
        left.reason = REASONS.get(reason, "unknown")
        onward = [why for why in ONWARD.values() if f"{contact} {why}" in self.once]
        if onward:
            left.reason = onward[0]
        elif reason != "CUSTOMER_DISCONNECT":
            if not self.once.again(f"{contact} {left.type}"):
                self.doubt(contact, left, received)
            return []
        return [left]

    def _went_on(self, contact: str, why: str, received: int) -> None:
        """Note that a caller was moved to another queue or will be called: that is no abandonment."""
        if self.once.again(f"{contact} {why}"):
            return
        left = self.settle(contact)
        if left is not None:
            left.reason = why
            self.doubt(contact, left, received)

    # ----------------------------------------------------------------- agents

    def _agent(self, told: Object, received: int) -> list[Message]:
        at = moment_of(told, "EventTimestamp")
        agent = self._name(text_of(told, "AgentARN"))
        if at is None or not agent:
            self.counts["malformed"] += 1
            return []
        self.counts["read"] += 1
        if at < self._agents.get(agent, 0):
            return []  # something later is known
        self._agents[agent] = at
        now = inside(told, "CurrentAgentSnapshot")
        status = inside(now, "AgentStatus")
        name, kind = text_of(status, "Name"), text_of(status, "Type")
        state = f"paused {name}"
        if text_of(told, "EventType") == "LOGOUT" or "OFFLINE" in (kind, name.upper()):
            state = "offline"
        elif kind == "ROUTABLE" or name == "Available":
            state = "ready"
        elif not name:
            return []
        (self._there.discard if state == "offline" else self._there.add)(agent)
        self._heard = received
        messages = [Message(neutral.AGENT_STATE, at, agent=agent, reason=state)]
        if text_of(told, "EventType") == "HEART_BEAT":
            messages.append(Message(neutral.HEARTBEAT, at))
        contacts = now.get("Contacts")
        for contact in objects_of(contacts) if isinstance(contacts, list) else ():
            messages += self._line(contact or {}, agent, at)
        return messages

    def _line(self, told: Object, agent: str, at: int) -> list[Message]:
        """Return what an agent's snapshot tells of a contact: ringing, refused, on hold."""
        contact, state = text_of(told, "ContactId"), text_of(told, "State")
        if not contact or text_of(told, "Channel") not in ("", "VOICE"):
            return []
        since = moment_of(told, "StateStartTimestamp") or at
        if state == "CONNECTED" and contact in self._held:
            kind = neutral.RESUMED
            self._held.discard(contact)
        elif state in LINES:
            kind = LINES[state]
        else:
            return []
        if kind == neutral.HELD:
            self._held.add(contact)
        if self.once.again(f"{contact} {state} {since}"):
            return []
        reason = {"MISSED": "no_answer", "REJECTED": "rejected"}.get(state, "failed")
        reason = reason if kind == neutral.REFUSED else ""
        return [Message(kind, since, self.pseudonyms.of(contact), "", agent, reason)]

    def _name(self, arn: str) -> str:
        """Return what a queue or agent is called: events tell their ARN only."""
        last = arn.rpartition("/")[2]
        return self._names.get(arn) or self._names.get(last) or last


def _work_after(told: Object, work: Message) -> list[Message]:
    """Return the after-call work that the end of a contact tells."""
    begun = moment_of(inside(told, "agentInfo"), "afterContactWorkStartTimestamp")
    done = moment_of(inside(told, "agentInfo"), "afterContactWorkEndTimestamp")
    if begun is None or done is None or done < begun:
        return []
    return [replace(work, at=begun), replace(work, type=neutral.WRAPPED_UP, at=done)]


def _unwrapped(told: Object | None) -> Object | None:
    """Return an event without the notification (SNS) around it."""
    within = told.get("Message") if told is not None else None
    found = parsed(within) if isinstance(within, str) else None
    return found if isinstance(found, dict) else told


def _names(path: str | None) -> dict[str, str]:
    """Return names by ARN, or by the last part of it, from a file of JSON."""
    return names_in(path, "names", '{"arn:aws:…": "Afval"}') if path else {}


open_recording = recorded(ConnectReading)
