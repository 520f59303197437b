"""Who calls again on the same day: off by default; when asked for, told without any number."""

import json
from collections.abc import Callable

import pytest
from streams.freeswitch_exchange import FreeSwitch
from streams.test_connect import answered as connect_answered
from streams.test_connect import gone
from streams.test_freeswitch import QUEUE
from streams.test_freeswitch_floor import heard
from streams.test_twilio import a_talk, sent

from simkcc.model.contact_log import Origin
from simkcc.model.events import Event
from simkcc.streams.asterisk import AmiReading
from simkcc.streams.connect import ConnectReading
from simkcc.streams.freeswitch import EslReading
from simkcc.streams.named import NamedReading, to_cloudevent
from simkcc.streams.neutral import Message
from simkcc.streams.queue_log_file import Reading as LogReading
from simkcc.streams.source import Options
from simkcc.streams.twilio import TwilioReading

NUMBER = "470123456"


def freeswitch(options: Options) -> list[Event]:
    exchange, reading = FreeSwitch(), EslReading(options)
    parts = [exchange.join(0, "a", QUEUE), exchange.cancel(9, "a", "BREAK_OUT"),
             exchange.join(60, "b", QUEUE), exchange.answer(70, "b", "els"),
             exchange.end(99, "b"), exchange.join(200, "c", QUEUE)]  # fmt: skip
    return [e for part in parts for e in heard(reading, part)] + reading.finish()


def connect(options: Options) -> list[Event]:
    reading = ConnectReading(options)
    parts = gone(0, "c1") + connect_answered(60, "c2") + connect_answered(200, "c3")
    return [e for part in parts for e in reading.body(part, 0)] + reading.finish()


def twilio(options: Options) -> list[Event]:
    reading = TwilioReading(options)
    parts = [sent(0, "task-queue.entered", "WT1"),
             sent(9, "task.canceled", "WT1", task_canceled_reason="hangup"),
             *a_talk(60, "WT2"), *a_talk(200, "WT3")]  # fmt: skip
    return [e for part in parts for e in reading.body(part, 0)] + reading.finish()


LOG = """\
1700000000|c1|kcc|NONE|ENTERQUEUE||0470123456|1
1700000009|c1|kcc|NONE|ABANDON|1|1|9
1700000060|c2|kcc|NONE|ENTERQUEUE||0470123456|1
1700000070|c2|kcc|Els|CONNECT|10|c2b|3
1700000099|c2|kcc|Els|COMPLETECALLER|10|29|1
1700000200|c3|kcc|NONE|ENTERQUEUE||0470123456|1
"""


def queue_log(options: Options) -> list[Event]:
    reading = LogReading(options)
    found = [e for line in LOG.encode().splitlines(True) for e in reading.events_of(line)]
    return found + list(reading.numbering.finish())


def packet(second: int, event: str, call: str, **more: object) -> bytes:
    fields = {"Event": event, "Privilege": "agent,all", "Timestamp": f"{1_700_000_000 + second}.5",
              "Channel": f"PJSIP/trunk-{call}", "CallerIDNum": "0470123456", "Uniqueid": call,
              "Linkedid": call, "Queue": "kcc", **more}  # fmt: skip
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


def asterisk(options: Options) -> list[Event]:
    reading = AmiReading(options)
    reading.connected()
    agent = {"Interface": "PJSIP/100", "MemberName": "Els", "DestUniqueid": "c2b"}
    parts = [packet(0, "QueueCallerJoin", "c1", Position=1),
             packet(9, "QueueCallerAbandon", "c1", Position=1, HoldTime=9),
             packet(9, "QueueCallerLeave", "c1", Position=1),
             packet(60, "QueueCallerJoin", "c2", Position=1),
             packet(70, "QueueCallerLeave", "c2", Position=1),
             packet(70, "AgentConnect", "c2", HoldTime=10, RingTime=3, **agent),
             packet(99, "AgentComplete", "c2", HoldTime=10, TalkTime=29, Reason="caller", **agent),
             packet(200, "QueueCallerJoin", "c3", Position=1)]  # fmt: skip
    told = [each for part in parts for each in reading.messages_of(part, lambda _: None)]
    told.append(reading.ami.finish())
    return [event for messages in told for event in reading.number(messages)]


EXCHANGES = (freeswitch, connect, twilio, queue_log, asterisk)


def arrivals(events: list[Event]) -> list[tuple[int, int]]:
    return [(event.code, event.parent) for event in events if event.type == "call.arrived"]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_nobody_is_known_unless_asked_for(exchange: Callable[[Options], list[Event]]) -> None:
    messages: list[Message] = []
    events = exchange(Options(heard=messages.append))
    assert arrivals(events) == [(Origin.FIRST, -1)] * 3
    assert {message.caller for message in messages} == {""}


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_who_calls_again_follows_from_the_call_before(
    exchange: Callable[[Options], list[Event]],
) -> None:
    messages: list[Message] = []
    options = Options(repeats=True, heard=messages.append)
    events = exchange(options)
    assert arrivals(events) == [(Origin.FIRST, -1), (Origin.REDIAL, 0), (Origin.REPEAT, 1)]
    assert NUMBER not in repr((events, messages))
    assert {len(message.caller) for message in messages if message.caller} == {16}


def test_it_travels_between_towns_as_a_pseudonym_of_the_day() -> None:
    messages: list[Message] = []
    options = Options(repeats=True, heard=messages.append)
    freeswitch(options)
    told = [to_cloudevent(message, "urn:town", options.pseudonyms) for message in messages]
    reading = NamedReading(Options())
    events = reading.body(json.dumps(told).encode(), 0) + reading.finish()
    assert [code for code, _ in arrivals(events)] == [Origin.FIRST, Origin.REDIAL, Origin.REPEAT]


@pytest.mark.parametrize("number", ["", "anonymous", "<unknown>", "restricted", "12"])
def test_whoever_hides_the_number_is_nobody(number: str) -> None:
    assert Options(repeats=True).caller(number, 1_780_000_000_000_000) == ""
