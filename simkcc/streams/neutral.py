"""What every exchange tells, in one vocabulary: messages that speak of calls by name.

An adapter turns what it hears into these; `numbering` turns these into the events of the ledger.
Calls, and people, are pseudonyms by the time a message exists.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, How

QUEUED = "call.queued"
OFFERED = "call.offered"
REFUSED = "call.refused"
ANSWERED = "call.answered"
HELD = "call.held"
RESUMED = "call.resumed"
TRANSFERRED = "call.transferred"
LEFT = "call.left"
TALKED = "call.talked"
ENDED = "call.ended"
WRAP_UP = "call.wrap_up"
WRAPPED_UP = "call.wrapped_up"
"""After-call work, from exchanges that tell of it; else it is inferred by `numbering`."""

AGENT_STATE = "agent.state"
AGENT_QUEUE = "agent.queue"
GAP = "stream.gap"
HEARTBEAT = "stream.heartbeat"

REASONS = {
    "abandoned": How.ABANDONED,
    "timeout": How.TIMEOUT,
    "overflow": How.TIMEOUT,
    "no_agents": How.NOBODY_FREE,
    "key": How.KEY,
    "callback": How.KEY,
    "voicemail": How.KEY,
}
"""Why a call left a queue. All other reasons, such as withdrawn and dropped, are unknown to the log."""


@dataclass(slots=True)
class Message:
    """Something an exchange told about a call, an agent or its own stream."""

    type: str
    """`call.queued`, …"""
    at: int | None
    """When, in microseconds since 1970 (UTC); None if nobody knows the time."""
    call: str = ""
    """Pseudonym of the call."""
    queue: str = ""
    agent: str = ""
    """What its exchange calls the agent; numbered by `numbering`, and never in an event."""
    reason: str = ""
    """Why it left the queue, why the agent pauses, the state of an agent."""
    wait_s: float | None = None
    """The wait as the exchange counts it."""
    talk_s: float | None = None
    parent: str = ""
    """The call this one came out of: the consult call of an attended transfer."""
    visit: int = NONE
    """Which of the call's visits to queues is meant, from 0; the latest if NONE."""
    caller: str = ""
    """Pseudonym of who calls, the same for a day; empty unless somebody asked for it."""
    vague: bool = False
    """Whether `at` is only when somebody looked: it happened between then and the look before."""
    line: str = ""
    """Pseudonym of the agent's line, where the exchange tells it."""
    stray: bool = False
    """Whether the exchange does not say which call it is, so that it has a name of its own."""


def read_cloudevents(text: str | bytes | Mapping[str, object] | list[object]) -> list[Message]:
    """Return the messages that CloudEvents in named form hold: one, or a batch in a list.

    Types and data that this vocabulary does not know are passed over in silence, as the standard
    wants; one clear sentence says what is wrong with a malformed one.
    """
    if isinstance(text, str | bytes):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise SettingError(f"event: not JSON ({error})") from None
    else:
        found = text
    batch = found if isinstance(found, list) else [found]
    read = (_message(wrapped) for wrapped in batch)
    return [message for message in read if message is not None]


NAMED = frozenset(
    (QUEUED, OFFERED, REFUSED, ANSWERED, HELD, RESUMED, TRANSFERRED, LEFT, TALKED, ENDED,
     WRAP_UP, WRAPPED_UP, AGENT_STATE, AGENT_QUEUE, GAP, HEARTBEAT)
)  # fmt: skip
"""Types that can be taken from others."""


def _message(wrapped: object) -> Message | None:
    if not isinstance(wrapped, Mapping):
        raise SettingError(f"event: found a {type(wrapped).__name__}; a CloudEvent is an object")
    where = f"event {str(wrapped.get('id', '?'))[:60]!r}"
    if wrapped.get("specversion") != "1.0":
        raise SettingError(f"{where}: specversion must be '1.0'")
    kind = wrapped.get("type")
    if not isinstance(kind, str):
        raise SettingError(f"{where}: type must be text, such as simkcc.call.queued.v1")
    name = kind.removeprefix("simkcc.").removesuffix(".v1")
    if name not in NAMED:
        return None
    told = wrapped.get("data")
    if not isinstance(told, Mapping):
        raise SettingError(f"{where}: data must be an object")
    if name.startswith("call.") and not isinstance(told.get("call"), str):
        raise SettingError(f"{where}: data has no 'call', the pseudonym of the call as text")
    reason = _text(told, "state", where) if name == AGENT_STATE else ""
    return Message(
        name,
        _moment(wrapped.get("time"), where),
        call=_text(told, "call", where),
        queue=_text(told, "queue", where),
        agent=_text(told, "agent", where),
        reason=reason or _text(told, "reason", where),
        wait_s=_seconds(told, "wait_s", where),
        talk_s=_seconds(told, "talk_s", where),
        parent=_text(told, "parent", where),
        visit=_number(told, "visit", where),
        caller=_text(told, "caller", where),
        vague=told.get("vague") is True,
    )


def _text(told: Mapping[str, object], key: str, where: str) -> str:
    value = told.get(key, "")
    if not isinstance(value, str) or len(value) > 200:
        raise SettingError(f"{where}: {key} in data must be text of at most 200 signs")
    return value


def _number(told: Mapping[str, object], key: str, where: str) -> int:
    value = told.get(key, NONE)
    if isinstance(value, bool) or not isinstance(value, int) or not NONE <= value < 1000:
        raise SettingError(f"{where}: {key} in data must be a whole number")
    return value


def _seconds(told: Mapping[str, object], key: str, where: str) -> float | None:
    value = told.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e7:
        raise SettingError(f"{where}: {key} in data must be a number of seconds")
    return float(value)


def _moment(text: object, where: str) -> int:
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is None:
            raise ValueError
        return round(moment.timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        raise SettingError(
            f"{where}: time must look like 2024-01-31T08:30:00.000Z, with its zone"
        ) from None
