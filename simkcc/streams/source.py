"""Sources of events: one contract, one registry of schemes, one way to open an address."""

import importlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from simkcc.errors import SettingError
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.receipts import Receipts

LEAST_DIGITS = 4
"""A shorter number, or none, is nobody in particular."""


@dataclass
class Options:
    """What can be said about any source beside its address."""

    zone: tzinfo = UTC
    """Where the centre is: times of events are its local times."""
    queue_log: Path | None = None
    """Asterisk's queue_log, to look up why callers left."""
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    to_end: bool = False
    """Whether a growing file is read to its present end, rather than followed."""
    wrap_up: int = 0
    """Seconds an agent is given after a call, where the exchange does not tell."""
    repeats: bool = False
    """Whether callers who call again on the same day are told as such; else no number is looked at."""
    heard: Callable[[Message], None] | None = None
    """Told every message before it gets numbers: for whoever passes messages on by name."""
    more: dict[str, str] = field(default_factory=dict)
    """Options of one kind of source, by name."""

    def caller(self, number: str, moment: int | None) -> str:
        """Return a pseudonym of a caller for the day of a moment; empty unless asked for."""
        if not self.repeats or moment is None or len(re.sub(r"\D", "", number)) < LEAST_DIGITS:
            return ""
        day = datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(self.zone).date()
        return self.pseudonyms.repeat_of(re.sub(r"[^\d+]", "", number), day)


class Source(ABC):
    """Tells events: an asynchronous iterator over them, with the names behind their numbers.

    It ends when what it reads has an end; a connection goes on for ever, through gaps.
    """

    directory: Directory
    troubles: Counter[str]
    """What could not be read or understood, counted by kind. Nothing is dropped in silence."""
    receipts: Receipts | None = None
    """What a broker is still to be told of; None if there is none."""
    resumes = False
    """Whether what happens while nobody listens is told to whoever starts again."""

    @abstractmethod
    def __aiter__(self) -> AsyncIterator[Event]:
        """Return the events."""

    def events(self) -> AsyncIterator[Event]:
        """Return the events, for whoever asks for them by name."""
        return self.__aiter__()

    async def close(self) -> None:
        """Let go of files and connections, if there are any."""
        return


class Recording(Source):
    """A source with an end: it can also be read without a loop, with progress in bytes."""

    size: int = 0
    """Bytes to read, as far as known."""
    done: int = 0
    """Bytes read so far."""

    timed: bool = True
    """Whether anything told the time, as far as it was read."""

    goes_on: bool = False
    """Whether more will be written behind the end: then calls under way there are left alone."""

    @abstractmethod
    def read(self) -> Iterator[Event]:
        """Yield all events."""

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield all events, in order, letting others work now and then."""
        import asyncio

        for number, event in enumerate(self.read()):
            if number % 256 == 0:
                await asyncio.sleep(0)
            yield event


SECRET = re.compile(r"(//[^:@/]*):[^@]*@")
"""The secret in an address."""

HIDDEN = r"\1:…@"
"""What stands for it where an address is shown."""

SCHEMES = {
    "asterisk": ("simkcc.streams.asterisk_live:open_live", ""),
    "asterisk+file": ("simkcc.streams.asterisk:open_recording", ""),
    "events": ("simkcc.streams.event_file:open_events", ""),
    "file": ("simkcc.streams.event_file:open_path", ""),
    "freeswitch": ("simkcc.streams.freeswitch:open_live", ""),
    "freeswitch+file": ("simkcc.streams.freeswitch:open_recording", ""),
    "twilio": ("simkcc.streams.twilio:open_hook", ""),
    "twilio+file": ("simkcc.streams.twilio:open_recording", ""),
    "connect+file": ("simkcc.streams.connect:open_recording", ""),
    "sqs": ("simkcc.streams.sqs:open_sqs", "aws"),
    "teams": ("simkcc.streams.teams_hook:open_hook", ""),
    "teams+eventhub": ("simkcc.streams.teams_hub:open_hub", "teams"),
    "teams+file": ("simkcc.streams.teams:open_recording", ""),
    "nats": ("simkcc.streams.nats:open_nats", "nats"),
    "nats+tls": ("simkcc.streams.nats:open_nats_tls", "nats"),
    "mqtt": ("simkcc.streams.mqtt:open_mqtt", "mqtt"),
    "mqtts": ("simkcc.streams.mqtt:open_mqtts", "mqtt"),
    "kafka": ("simkcc.streams.kafka:open_kafka", "kafka"),
    "kafka+tls": ("simkcc.streams.kafka:open_kafka_tls", "kafka"),
    "intervals": ("simkcc.streams.intervals:open_intervals", ""),
    "queue_log": ("simkcc.streams.queue_log_file:open_log", ""),
    "sqlite": ("simkcc.streams.stored:open_file", ""),
    "postgresql": ("simkcc.streams.stored:open_database", ""),
}
"""Who opens an address, and the extra to install if that needs one."""


BROKER = ("secret_file", "ca", "cert", "cert_key")
"""Options of a broker behind TLS."""

OWN = {
    "freeswitch": ("all",),
    "freeswitch+file": ("all",),
    "twilio": ("token_file", "url", "available"),
    "twilio+file": ("available",),
    "connect+file": ("names",),
    "sqs": ("names", "region"),
    "teams": ("state_file", "app_file", "accounts", "agents", "notify"),
    "teams+eventhub": (
        "connection_file",
        "state_file",
        "app_file",
        "accounts",
        "agents",
        "notify",
        "group",
        "places",
    ),
    "teams+file": ("accounts",),
    "nats": ("durable", "secret_file"),
    "nats+tls": ("durable", *BROKER),
    "mqtt": ("client", "secret_file"),
    "mqtts": ("client", *BROKER),
    "kafka": ("group", "mechanism", "secret_file"),
    "kafka+tls": ("group", "mechanism", *BROKER),
    "intervals": ("every",),
}
"""Options that only one kind of source has."""


def open_source(address: str, options: Options | None = None) -> Source:
    """Return the source at an address, such as `asterisk://user:secret@host` or a path.

    What follows a `?` sets options: `zone=Europe/Brussels`, `wrap_up=30`. A path alone is
    recognised by what is in the file.
    """
    options = options or Options()
    scheme, colon, rest = address.partition(":")
    if not colon or len(scheme) == 1 or Path(address.partition("?")[0]).exists():
        scheme, rest = "file", address
    if scheme not in SCHEMES:
        close = get_close_matches(scheme, SCHEMES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(SCHEMES)}"
        raise SettingError(f"{address}: there is no source {scheme!r}, and no such file; {hint}")
    rest, _, query = rest.partition("?")
    address = SECRET.sub(HIDDEN, address)  # what follows may be shown
    _set_options(options, query, address, OWN.get(scheme, ()))
    where, extra = SCHEMES[scheme]
    module, _, function = where.partition(":")
    try:
        opens = getattr(importlib.import_module(module), function)
    except ImportError as error:
        hint = f"install simkcc[{extra}]" if extra else "it is part of a complete installation"
        raise SettingError(f"{address}: {error.name} is missing; {hint}") from None
    opened: Source = opens(rest.removeprefix("//"), options)
    return opened


def open_recording(address: str, options: Options | None = None) -> Recording:
    """Return the source at an address that has an end; refuse one that has none."""
    options = options or Options()
    options.to_end = True
    source = open_source(address, options)
    if not isinstance(source, Recording):
        raise SettingError(
            f"{SECRET.sub(HIDDEN, address)}: this source has no end; give a queue_log, an event "
            "file, a store or recorded bytes as asterisk+file:PATH"
        )
    return source


def _set_options(options: Options, query: str, address: str, own: tuple[str, ...]) -> None:
    for name, value in parse_qsl(query, keep_blank_values=True):
        try:
            if name == "zone":
                options.zone = ZoneInfo(value)
            elif name == "wrap_up":
                options.wrap_up = int(value)
            elif name == "queue_log":
                options.queue_log = Path(value)
            elif name == "repeats" and value in ("yes", "no"):
                options.repeats = value == "yes"
            elif name in own:
                options.more[name] = value
            else:
                names = ", ".join(("zone", "wrap_up", "queue_log", "repeats", *own))
                raise SettingError(f"{address}: there is no option {name!r}; there are {names}")
        except (ValueError, KeyError, OSError):
            raise SettingError(f"{address}: {name}={value} cannot be used") from None
