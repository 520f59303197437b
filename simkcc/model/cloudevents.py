"""Events as CloudEvents 1.0 in JSON, and back without loss.

`data` holds the whole numbers of the event under the names of its fields; those that are NONE are
left out. What stands beside them, names and the wall clock, is for people and other systems: nothing
is read from it. No number or name of a citizen has a place in it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from simkcc.errors import SettingError
from simkcc.model.contact_log import FOREVER, NONE, How, Origin, Outcome
from simkcc.model.events import FAMILIES, TYPES, Event, Happening

EventOrigin = Literal["live", "sim", "replay", "import"]
ORIGINS = ("live", "sim", "replay", "import")

SPECVERSION = "1.0"
TYPE = re.compile(r"simkcc\.(?P<name>[a-z]+\.[a-z_]+)\.v1")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
KEY = re.compile(r"[0-9a-f]{16}")

COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

NUMBERS = tuple(name for name in Event._fields if name not in ("at", "family", "what", "key"))
"""Fields that data holds as whole numbers, if they are not NONE."""

CODES: dict[Happening, type[IntEnum]] = {
    Happening.ARRIVED: Origin,
    Happening.MENU: How,
    Happening.ANSWERED: How,
    Happening.LEFT: How,
    Happening.TRANSFERRED: How,
    Happening.TAKEN_BACK: How,
    Happening.TALKED: How,
    Happening.ENDED: Outcome,
}
"""What the code of a happening counts through."""

CODE_NAMES = {
    what: {int(code): code.name.lower() for code in codes} for what, codes in CODES.items()
}


@dataclass(frozen=True)
class Envelope:
    """What an event does not know about itself: who tells it, and when its midnight was."""

    source: str
    """URI reference of who tells it, such as `urn:simkcc:skw:asterisk:pbx1`."""
    origin: EventOrigin
    first_date: date
    """Local date of time 0."""
    zone: tzinfo = UTC
    """Where the centre is. Times are written in it."""
    simrun: str | None = None
    """Which run of a simulation; required of origin sim, and only there."""
    queues: Sequence[str] = ()
    """Names of the queues; with names, data says them beside the indices."""
    topics: Sequence[str] = ()
    groups: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check what the standard and this vocabulary require."""
        if not self.source:
            raise SettingError("envelope: source is empty; give a URI such as urn:simkcc:centre")
        if self.origin not in ORIGINS:
            raise SettingError(f"envelope: origin is {self.origin!r}; it can be {_list(ORIGINS)}")
        if (self.origin == "sim") != bool(self.simrun):
            raise SettingError(
                f"envelope: origin {self.origin} {'without' if self.origin == 'sim' else 'with'} a "
                "simrun; a simulated event names its run, no other does"
            )


def to_json(event: Event, envelope: Envelope) -> dict[str, object]:
    """Return an event as a CloudEvent in JSON's words."""
    if event.family not in FAMILIES:
        raise SettingError(f"event: family is {event.family!r}; it can be {_list(FAMILIES)}")
    data = _data(event)
    wrapped: dict[str, object] = {
        "specversion": SPECVERSION,
        "id": _id(event, data, envelope.simrun),
        "source": envelope.source,
        "type": f"simkcc.{event.type}.v1",
        "subject": subject_of(event),
        "time": _time(event.at, envelope),
        "datacontenttype": "application/json",
        "origin": envelope.origin,
    }
    if envelope.simrun:
        wrapped["simrun"] = envelope.simrun
    wrapped["data"] = data | _names(event, envelope)
    return wrapped


def from_json(wrapped: object) -> Event:
    """Return the event that a CloudEvent holds.

    Attributes and data that this vocabulary does not know are passed over; one clear sentence says
    what is wrong with a malformed one.
    """
    if not isinstance(wrapped, Mapping):
        raise SettingError(f"event: found {_show(wrapped)}; a CloudEvent is a JSON object")
    where = f"event {_show(wrapped.get('id', '?'))}"
    family, what = TYPES[_check_attributes(wrapped, where)]
    data = wrapped.get("data")
    if not isinstance(data, Mapping):
        raise SettingError(f"{where}: data is {_show(data)}; it must be a JSON object")
    numbers = {name: _whole(data, name, where) for name in NUMBERS if name in data}
    if "at" not in data:
        raise SettingError(f"{where}: data has no 'at', the time in whole microseconds")
    event = Event(
        _whole(data, "at", where, least=0), family, what, **numbers, key=_key(data, where)
    )
    if wrapped["subject"] != subject_of(event):
        raise SettingError(
            f"{where}: subject is {_show(wrapped['subject'])}, but data is about {subject_of(event)}"
        )
    return event


def subject_of(event: Event) -> str:
    """Return what an event is about, such as `call/42` or `agent/7`."""
    if event.family == "agent":
        number = event.agent
    elif FAMILIES.get(event.family) is not None:
        number = event.contact
    else:
        number = event.place
    return event.family if number == NONE else f"{event.family}/{number}"


def _check_attributes(wrapped: Mapping[str, object], where: str) -> str:
    """Return the type's name among TYPES, if all attributes are as they must be."""
    for name in ("specversion", "id", "source", "type", "subject", "origin"):
        value = wrapped.get(name)
        if not isinstance(value, str) or not value:
            raise SettingError(f"{where}: {name} is {_show(value)}; it must be text")
    if wrapped["specversion"] != SPECVERSION:
        raise SettingError(
            f"{where}: specversion is {_show(wrapped['specversion'])}; it must be '{SPECVERSION}'"
        )
    origin, run = wrapped["origin"], wrapped.get("simrun")
    if origin not in ORIGINS:
        raise SettingError(f"{where}: origin is {_show(origin)}; it can be {_list(ORIGINS)}")
    if origin == "sim" and not (isinstance(run, str) and run):
        raise SettingError(f"{where}: simrun is {_show(run)}; a simulated event names its run")
    if "time" in wrapped:
        _check_time(wrapped["time"], where)
    return _type_name(str(wrapped["type"]), where)


def _type_name(text: str, where: str) -> str:
    match = TYPE.fullmatch(text)
    if match and match["name"] in TYPES:
        return match["name"]
    close = _close_type(text[:60])
    hint = f"did you mean {close}?" if close else "it looks like simkcc.call.queued.v1"
    raise SettingError(f"{where}: type {_show(text)} is not known; {hint}")


@lru_cache(1_000)
def _close_type(text: str) -> str:
    """Return the type that was probably meant, or nothing.

    First half and second half are looked up apart: a stream of wrong events must not cost more than
    one of right ones.
    """
    family, _, word = text.removeprefix("simkcc.").removesuffix(".v1").partition(".")
    families = get_close_matches(family, FAMILIES, n=1)
    head = f"{families[0]}." if families else ""
    words = [name.removeprefix(head) for name in TYPES if head and name.startswith(head)]
    close = get_close_matches(word, words, n=1)
    return f"simkcc.{head}{close[0]}.v1" if close else ""


def _check_time(text: object, where: str) -> None:
    try:
        if isinstance(text, str) and TIME.fullmatch(text):
            datetime.fromisoformat(text)
            return
    except ValueError:
        pass
    raise SettingError(
        f"{where}: time is {_show(text)}; it looks like 2024-01-31T08:30:00.000000+01:00"
    )


def _whole(data: Mapping[str, object], name: str, where: str, least: int = NONE) -> int:
    value = data[name]
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= FOREVER:
        return value
    raise SettingError(
        f"{where}: {name} in data is {_show(value)}; it must be a whole number from {least} to 2^62"
    )


def _key(data: Mapping[str, object], where: str) -> int:
    text = data.get("key", "0" * 16)
    if isinstance(text, str) and KEY.fullmatch(text):
        return int(text, 16)
    raise SettingError(f"{where}: key in data is {_show(text)}; it must be 16 hexadecimal digits")


def _data(event: Event) -> dict[str, object]:
    """Return all that from_json reads. The key is text: JSON elsewhere has only 53 bits."""
    data: dict[str, object] = {"at": event.at}
    for name in NUMBERS:
        value = getattr(event, name)
        if value != NONE:
            data[name] = value
    if event.key:
        data["key"] = f"{event.key:016x}"
    return data


def _names(event: Event, envelope: Envelope) -> dict[str, object]:
    """Return names of what data has indices of."""
    of_group = event.family == "agent" and event.what is Happening.STATE
    place_name = "group_name" if of_group else "queue_name"
    names = {
        place_name: _name(envelope.groups if of_group else envelope.queues, event.place),
        "topic_name": _name(envelope.topics, event.topic),
        "code_name": _code_name(event),
    }
    return {key: name for key, name in names.items() if name is not None}


def _name(names: Sequence[str], index: int) -> str | None:
    return names[index] if 0 <= index < len(names) else None


def _code_name(event: Event) -> str | None:
    return CODE_NAMES.get(event.what, {}).get(event.code)


def _time(at: int, envelope: Envelope) -> str:
    """Return the wall clock: local days last 86,400 seconds, so only the offset knows of summer."""
    midnight = datetime.combine(envelope.first_date, time())
    try:
        local = (midnight + timedelta(microseconds=at)).replace(tzinfo=envelope.zone)
    except OverflowError:
        raise SettingError(f"event: at is {at}; that is after the year 9999") from None
    return local.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _id(event: Event, data: dict[str, object], simrun: str | None) -> str:
    """Return the same text for the same event of the same run, and for no other."""
    said = COMPACT([simrun, event.type, data])
    return sha256(said.encode()).hexdigest()[:32]


def _show(value: object) -> str:
    """Return a value in a few words: it came from elsewhere and may be anything."""
    if value is None:
        return "missing"
    if not isinstance(value, str | int | float):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _list(names: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(names)
