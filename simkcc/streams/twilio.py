"""Twilio's Event Streams: CloudEvents of TaskRouter, handed over by HTTP, signed.

They come at least once and in no order, up to four hours late. A task is a call; `task-queue.entered`
is the start of a visit, an accepted reservation its answer.
"""

import hmac
from base64 import b64encode
from collections import OrderedDict
from dataclasses import replace
from hashlib import sha1, sha256
from urllib.parse import parse_qsl, urlsplit

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Answer, Bodies, Hook, Request, address_of, recorded, secret_of
from simkcc.streams.jsontext import Object, inside, moment_of, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.reading import REMEMBERED
from simkcc.streams.source import Options, Source

PREFIX = "com.twilio.taskrouter."
SPOKEN = frozenset(("", "voice", "default"))
"""Task channels that are calls; the others are chats and messages."""

CANCELLED = {"hangup": "abandoned", "Task TTL Exceeded": "timeout", "Workflow timeout": "timeout"}
"""Why a task was cancelled. What an application writes there otherwise says nothing to us."""

REFUSALS = {
    "reservation.rejected": "rejected", "reservation.timeout": "no_answer",
    "reservation.rescinded": "caller_gone", "reservation.canceled": "caller_gone",
}  # fmt: skip

READY = frozenset(("available", "idle"))
"""Activities in which an agent takes calls, unless the address says `available=NAME,NAME`."""


def open_hook(rest: str, options: Options) -> Source:
    """Open `twilio://host:port/path?token_file=FILE&url=https://…`."""
    token = secret_of(options, "token_file", "twilio")
    url = options.more.get("url", "")
    if not url.startswith("https://"):
        raise SettingError(
            "twilio: give url=https://… behind the question mark: the address Twilio was told, "
            "because its signature is about that"
        )
    return TwilioHook(*address_of(rest, "twilio"), TwilioReading(options), token, url)


class TwilioReading(Bodies):
    """Bodies to events."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._options = options
        self.numbering.wrap_up = 0  # Twilio tells it
        told = options.more.get("available", "")
        self.ready = frozenset(told.lower().split(",")) if told else READY
        self._with: OrderedDict[str, tuple[str, Message]] = OrderedDict()
        """Call -> the reservation under which it is talked with, and its answer."""

    def body(self, text: bytes, received: int) -> list[Event]:
        """Return the events of one CloudEvent, or of a list of them."""
        events: list[Event] = []
        for wrapped in objects_of(parsed(text)):
            events += self.take(self._messages(wrapped, received), received)
        return events

    def _messages(self, wrapped: Object | None, received: int) -> list[Message]:
        told = inside(wrapped, "data", "payload")
        kind = text_of(wrapped, "type") if wrapped is not None else ""
        at = moment_of(told, "timestamp_ms", "timestamp")
        at = (
            at
            or moment_of(inside(wrapped, "data"), "timestamp")
            or moment_of(wrapped or {}, "time")
        )
        if wrapped is None or not told or not kind or not text_of(wrapped, "id") or at is None:
            self.counts["malformed"] += 1
            return []
        if self.once.again(f"{text_of(wrapped, 'source')} {text_of(wrapped, 'id')}"):
            self.counts["duplicate"] += 1
            return []
        name = kind.removeprefix(PREFIX)
        if name == "worker.activity.update":
            return self._worker(told, at)
        task = text_of(told, "task_sid")
        if not task or text_of(told, "task_channel_unique_name") not in SPOKEN:
            self.counts["other"] += 1
            return []
        self.counts["read"] += 1
        return self._of_task(name, told, at, self.pseudonyms.of(task), received)

    def _of_task(self, name: str, told: Object, at: int, call: str, received: int) -> list[Message]:
        queue = text_of(told, "task_queue_name", "task_queue_sid")
        agent = text_of(told, "worker_name", "worker_sid")
        if name == "task-queue.entered":
            caller = self._caller_of(told, at)
            joined = Message(neutral.QUEUED, at, call, queue, caller=caller)
            return [joined] if queue else self._no_queue()
        if name in ("task-queue.moved", "task-queue.timeout"):
            return [Message(neutral.LEFT, at, call, reason="overflow")]
        if name == "workflow.timeout":
            return [Message(neutral.LEFT, at, call, reason="timeout")]
        if name == "reservation.created":
            return [Message(neutral.OFFERED, at, call, queue, agent)]
        if name in REFUSALS:
            return [Message(neutral.REFUSED, at, call, queue, agent, REFUSALS[name])]
        if name == "reservation.accepted":
            answer = Message(neutral.ANSWERED, at, call, queue, agent)
            return self._answered(text_of(told, "reservation_sid") or call, answer)
        if name in ("reservation.wrapup", "reservation.completed"):
            return self._talk_over(
                name, told, Message(neutral.TALKED, at, call, queue, agent), received
            )
        if name == "task.canceled":
            reason = text_of(told, "task_canceled_reason", "reason")
            return [Message(neutral.LEFT, at, call, reason=CANCELLED.get(reason, "unknown"))]
        return []

    def _answered(self, reservation: str, answer: Message) -> list[Message]:
        """Return an answer; of a second agent on the same task with the hand-over before it.

        A call is with one agent at a time. A transfer to a person enters no queue, so it is told as
        a visit without a wait, to the queue of the task.
        """
        last, before = self._with.get(answer.call, ("", answer))
        if last == reservation or (before.at or 0) > (answer.at or 0):
            return [answer]
        self._with[answer.call] = reservation, answer
        if len(self._with) > REMEMBERED:
            self._with.popitem(last=False)
        if not last or f"{last} is over" in self.once or before.queue != answer.queue:
            return [answer]
        self.once.again(f"{last} is over")
        self.once.again(f"{last} was handed over")
        talked = replace(before, type=neutral.TALKED, at=answer.at, reason="transfer")
        return [talked, replace(answer, type=neutral.QUEUED, agent=""), answer]

    def _talk_over(self, name: str, told: Object, message: Message, received: int) -> list[Message]:
        """Return the end of a talk, and of the after-call work behind it.

        `wrapup` ends a talk, `completed` the work after it; or the talk, if no `wrapup` went before.
        """
        reservation = text_of(told, "reservation_sid") or message.call
        over, wraps = f"{reservation} is over", f"{reservation} wraps up"
        if f"{reservation} was handed over" in self.once and wraps not in self.once:
            self.once.again(wraps)
            begins = name == "reservation.wrapup"
            return [replace(message, type=neutral.WRAP_UP)] if begins else []
        if name == "reservation.completed":
            if over in self.once:
                return [replace(message, type=neutral.WRAPPED_UP)]
            self.doubt(reservation, message, received)
            return []
        done = self.settle(reservation)
        if self.once.again(over):
            return []
        work = [message, replace(message, type=neutral.WRAP_UP)]
        return [*work, replace(done, type=neutral.WRAPPED_UP)] if done is not None else work

    def _worker(self, told: Object, at: int) -> list[Message]:
        agent = text_of(told, "worker_name", "worker_sid")
        activity = text_of(told, "worker_activity_name")
        if not agent or not activity:
            self.counts["malformed"] += 1
            return []
        state = f"paused {activity}"
        if activity.lower() in self.ready:
            state = "ready"
        elif activity.lower() == "offline":
            state = "offline"
        return [Message(neutral.AGENT_STATE, at, agent=agent, reason=state)]

    def _caller_of(self, told: Object, at: int) -> str:
        """Return the pseudonym of who calls, for the day, if somebody asked for it."""
        if not self._options.repeats:
            return ""
        attributes = told.get("task_attributes")
        found = parsed(attributes) if isinstance(attributes, str) else attributes
        number = text_of(found, "from", "caller") if isinstance(found, dict) else ""
        return self._options.caller(number, at)

    def _no_queue(self) -> list[Message]:
        self.counts["malformed"] += 1
        return []


class TwilioHook(Hook):
    """Listens for Twilio."""

    def __init__(
        self, host: str, port: int, path: str, reading: TwilioReading, token: bytes, url: str
    ) -> None:
        super().__init__(host, port, path, reading)
        self._token, self._url = token, url

    def judge(self, request: Request) -> Answer | None:
        """Refuse what Twilio has not signed."""
        asked = urlsplit(request.url).query
        url = self._url + (f"?{asked}" if asked else "")
        signature = request.headers.get("x-twilio-signature", "")
        if request.method != "POST":
            return Answer(405)
        return None if is_signed(self._token, url, request.body, signature) else Answer(403)


def is_signed(token: bytes, url: str, body: bytes, signature: str) -> bool:
    """Return whether Twilio signed this: HMAC-SHA1 of the address, which holds a hash of the body.

    https://www.twilio.com/docs/usage/webhooks/webhooks-security
    """
    right = b64encode(hmac.new(token, url.encode(), sha1).digest())
    if not hmac.compare_digest(right, signature.encode()):
        return False
    said = dict(parse_qsl(urlsplit(url).query)).get("bodySHA256", "")
    return hmac.compare_digest(sha256(body).hexdigest().encode(), said.lower().encode())


open_recording = recorded(TwilioReading)
