"""Bytes: any cut gives the same, rubbish never stops the reader, and everything is counted."""

import gc
import random
import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams.exchange import packets_of
from streams.sample import RAW

from simkcc.analysis.ledger import Ledger
from simkcc.model.events import Event
from simkcc.streams.ami_stays import Stay
from simkcc.streams.asterisk import AmiReading
from simkcc.streams.calls import Call
from simkcc.streams.source import Options

SOME = RAW[: RAW.index(b"\r\n\r\n", 120_000) + 4]


def events_of(pieces: list[bytes]) -> list[Event]:
    reading = AmiReading(Options())
    reading.connected()
    return [
        event
        for piece in pieces
        for packet in reading.wire.feed(piece)
        for event in reading.number(reading.ami.read(packet))
    ]


WHOLE = events_of([SOME])


@given(st.lists(st.integers(0, len(SOME)), max_size=40))
@settings(max_examples=settings.default.max_examples // 5, deadline=None)
def test_any_cut_of_the_bytes_gives_the_same_events(places: list[int]) -> None:
    edges = [0, *sorted(places), len(SOME)]
    assert events_of([SOME[a:b] for a, b in pairwise(edges)]) == WHOLE


def test_byte_by_byte_gives_the_same_events() -> None:
    short = SOME[:6000]
    assert events_of([short[i : i + 1] for i in range(len(short))]) == events_of([short])


def spoilt(packet: bytes, rng: random.Random) -> bytes:
    """Return a packet with something wrong in it; its end stays."""
    body = bytearray(packet[:-4])
    how = rng.randrange(6)
    if how == 0 and body:
        for _ in range(rng.randrange(1, 20)):
            body[rng.randrange(len(body))] = rng.randrange(256)
    elif how == 1:
        lines = bytes(body).split(b"\r\n")
        rng.shuffle(lines)
        body = bytearray(b"\r\n".join(lines))
    elif how == 2:
        lines = [line for line in bytes(body).split(b"\r\n") if rng.random() < 0.7]
        body = bytearray(b"\r\n".join(lines))
    elif how == 3:
        body = bytearray(
            re.sub(
                rb": [^\r]*",
                lambda _: rng.choice([b":", b": ", b": -1", b": \xff", b": 9e99"]),
                bytes(body),
            )
        )
    elif how == 4:
        body = bytearray(rng.randbytes(rng.randrange(300)))
    else:
        body = bytearray(body[: rng.randrange(len(body) + 1)])
    return bytes(body).replace(b"\r\n\r\n", b"") + b"\r\n\r\n"


def test_ten_thousand_spoilt_packets_crash_nothing_and_are_all_counted() -> None:
    rng = random.Random(7)
    packets = packets_of(RAW)
    reading = AmiReading(Options())
    reading.connected()
    ledger = Ledger()
    sent = 0
    for _ in range(10_000):
        raw = spoilt(rng.choice(packets), rng)
        sent += raw.count(b"\r\n\r\n")
        for packet in reading.wire.feed(raw):
            for event in reading.number(reading.ami.read(packet)):
                ledger.apply(event)
    for event in reading.number(reading.ami.finish()):
        ledger.apply(event)
    ledger.log()
    wire, ami = reading.wire.counts, reading.ami.counts
    assert wire["ignored"] + wire["unreadable"] + ami["read"] + ami["other"] == sent


def test_bytes_that_never_end_are_given_up() -> None:
    reading = AmiReading(Options())
    assert list(reading.wire.feed(b"x" * (1 << 21))) == []
    assert reading.troubles["unreadable"] == 1


def waits(uid: int, at: int, fields: str) -> bytes:
    return (
        f"Event: {fields}\r\nTimestamp: {1_795_000_000 + at}.000000\r\nUniqueid: {uid}.1\r\n"
        f"Linkedid: {uid}.1\r\nQueue: kcc\r\n\r\n"
    ).encode()


def test_a_year_without_a_hang_up_told_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `read = agent` alone: nothing tells that a call is over but its silence."""
    monkeypatch.setattr("simkcc.streams.ami_stays.MOST_OVER", 50)
    monkeypatch.setattr("simkcc.streams.ami_stays.FAMILIES", 50)
    monkeypatch.setattr("simkcc.streams.numbering.REMEMBERED", 50)
    reading = AmiReading(Options())
    reading.connected()
    ledger = Ledger(
        event
        for call in range(1_000)
        for raw in (
            waits(call, 60 * call, "QueueCallerJoin"),
            waits(call, 60 * call + 9, "QueueCallerLeave"),
            waits(
                call,
                60 * call + 9,
                f"AgentConnect\r\nMemberName: a\r\nDestUniqueid: {call}.2\r\nHoldTime: 9",
            ),
            waits(
                call,
                60 * call + 40,
                f"AgentComplete\r\nMemberName: a\r\nDestUniqueid: {call}.2\r\nHoldTime: 9\r\nTalkTime: 31",
            ),
        )[: 4 if call % 3 else 2]
        for packet in reading.wire.feed(raw)
        for event in reading.number(reading.ami.read(packet))
    )
    assert len(ledger.log().contacts) == 1_000 and not ledger.rejected
    gc.collect()
    left = Counter(type(each) for each in gc.get_objects() if isinstance(each, Stay | Call))
    assert left[Stay] < 150 and left[Call] < 150
