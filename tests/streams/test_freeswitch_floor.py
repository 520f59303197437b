"""FreeSWITCH on random floors: what is told equals what was true, through losses, restarts and repetition."""

import random
from collections.abc import Iterator

import pytest
from seeds import few_of
from streams.adapter_contract import SECOND, Told
from streams.freeswitch_exchange import EPOCH, FreeSwitch
from streams.freeswitch_floor import QUEUES, Floor, Stay, a_floor

from simkcc.analysis.columns.visits import Visit
from simkcc.model.events import Event
from simkcc.streams.freeswitch import EslReading
from simkcc.streams.source import Options


def heard(reading: EslReading, raw: bytes, received: float | None = None) -> list[Event]:
    at = None if received is None else round((EPOCH + received) * SECOND)
    frames = [f for f in reading.wire.feed(raw) if f.kind == "text/event-plain"]
    return [event for frame in frames for event in reading.event(frame, at)]


def listed(reading: EslReading, exchange: FreeSwitch, second: float) -> list[Event]:
    """Connect, and read the exchange's own lists."""

    def of(command: str) -> bytes:
        return exchange.command(f"api callcenter_config {command}").partition(b"\n\n")[2]

    now = round((EPOCH + second) * SECOND)
    reading.connected()
    events = reading.agents(of("agent list"), now)
    for queue in QUEUES:
        members = of(f"queue list members {queue}")
        events += reading.members(members, queue == QUEUES[-1], now)
    return events


def told_by(reading: EslReading, events: list[Event]) -> Told:
    return Told(events + reading.finish(), reading.directory, reading.troubles)


def true_rows(stays: list[Stay]) -> list[tuple[object, ...]]:
    return sorted(
        (s.queue, _µs(s.joined), _µs(s.answered or s.left), _µs(s.left), s.agent, s.outcome)
        for s in stays
    )


def rows(told: Told) -> list[tuple[object, ...]]:
    """Return visits in the words of the truth, their times since the exchange's second 0."""
    return sorted(_row(told, visit) for visit in told.visits)


def _row(told: Told, visit: Visit) -> tuple[object, ...]:
    def since(at: int | None) -> int:
        midnight = EPOCH % 86_400 * SECOND
        return -1 if at is None else at - midnight

    ends = since(visit.answered if visit.answered is not None else visit.left)
    agent = told.directory.people.get(visit.agent, "")
    queue = told.directory.queues[visit.place]
    return (queue, since(visit.joined), ends, since(visit.left), agent, visit.outcome)


def _µs(second: float) -> int:
    return round((EPOCH + second) * SECOND) - EPOCH * SECOND


@pytest.mark.parametrize("seed", few_of(range(12), 3))
def test_every_visit_is_as_it_was(seed: int) -> None:
    floor, reading = a_floor(random.Random(seed)), EslReading(Options())
    events = [e for _, raw in floor.said(FreeSwitch()) for e in heard(reading, raw)]
    told = told_by(reading, events)
    assert rows(told) == true_rows(floor.stays)
    assert not told.troubles
    assert set(told.states().values()) == {"offline"}


@pytest.mark.parametrize("seed", few_of(range(12), 3))
def test_two_connections_at_once_count_once(seed: int) -> None:
    """A second connection tells the same events, now earlier, now later."""
    rng = random.Random(seed)
    floor, reading = a_floor(rng), EslReading(Options())
    said = floor.said(FreeSwitch())
    late = [(at + rng.uniform(0, 1.5), raw) for at, raw in said]
    events = [e for at, raw in sorted(said + late) for e in heard(reading, raw, at)]
    assert rows(told_by(reading, events)) == true_rows(floor.stays)


def through_gaps(floor: Floor, gaps: list[tuple[float, float]]) -> tuple[Told, FreeSwitch]:
    """Follow a floor through lost connections: in a gap the exchange goes on, and nobody hears it."""
    exchange, reading, events = FreeSwitch(), EslReading(Options()), []
    waiting = iter(gaps)
    begin, end = next(waiting, (1e9, 1e9))
    for at, _, word, told in sorted(floor.steps):
        while at >= end:
            events += reading.lost() + listed(reading, exchange, end)
            begin, end = next(waiting, (1e9, 1e9))
        raw = getattr(exchange, word)(at, *told)
        if at < begin:
            events += heard(reading, raw, at)
    return told_by(reading, events), exchange


def gaps_of(rng: random.Random) -> list[tuple[float, float]]:
    begins = sorted(rng.uniform(60, 3700) for _ in range(6))
    lengths = [rng.uniform(2, 90) for _ in begins]
    found: list[tuple[float, float]] = []
    for begin, length in zip(begins, lengths, strict=True):
        if not found or begin > found[-1][1] + 5:
            found.append((begin, begin + length))
    return found


def hidden(stay: Stay, gaps: list[tuple[float, float]]) -> bool:
    """Return whether a gap hides that there was a visit at all."""
    return any(begin <= stay.joined and stay.left < end for begin, end in gaps)


def touched(stay: Stay, gaps: list[tuple[float, float]]) -> bool:
    """Return whether any moment of a visit lies in a gap."""
    moments = (stay.joined, stay.answered or stay.joined, stay.left)
    return any(begin <= at < end for begin, end in gaps for at in moments)


@pytest.mark.parametrize("seed", few_of(range(20), 3))
def test_what_a_gap_does_not_touch_is_exact_and_nothing_counts_twice(seed: int) -> None:
    rng = random.Random(seed)
    floor, gaps = a_floor(rng), gaps_of(rng)
    told, _ = through_gaps(floor, gaps)
    found = rows(told)
    assert len(found) == sum(not hidden(stay, gaps) for stay in floor.stays)
    exact = true_rows([stay for stay in floor.stays if not touched(stay, gaps)])
    assert [row for row in exact if row not in found] == []
    kinds = told.outcomes()
    for queue in QUEUES:
        seen = [s for s in floor.stays if s.queue == queue and not hidden(s, gaps)]
        for outcome in ("answered", "abandoned", "timeout", "no_agents", "key"):
            true = sum(stay.outcome == outcome for stay in seen)
            surely = sum(s.outcome == outcome and not touched(s, gaps) for s in seen)
            assert surely <= kinds[queue, outcome] <= true


@pytest.mark.parametrize("seed", few_of(range(8), 3))
def test_a_restart_ends_everything_unseen_and_what_follows_is_exact(seed: int) -> None:
    rng = random.Random(seed)
    before, after = a_floor(rng), a_floor(rng, name="t")
    reading = EslReading(Options())
    cut = rng.uniform(600, 3000)
    first = [(at, raw) for at, raw in before.said(FreeSwitch()) if at < cut]
    events = [e for at, raw in first for e in heard(reading, raw, at)]
    events += reading.lost()
    again = FreeSwitch(core="another", epoch=EPOCH + 7200)
    events += listed(reading, again, 7200)
    later = after.said(again)
    events += [e for at, raw in later for e in heard(reading, raw, 7200 + at)]
    told = told_by(reading, events)
    over = [stay for stay in before.stays if stay.left < cut]
    open_then = [stay for stay in before.stays if stay.joined < cut <= stay.left]
    moved = [
        Stay(s.queue, s.joined + 7200, s.left + 7200, s.outcome,
             None if s.answered is None else s.answered + 7200, s.agent)
        for s in after.stays
    ]  # fmt: skip
    found = rows(told)
    assert len(found) == len(over) + len(open_then) + len(after.stays)
    assert [row for row in true_rows(over + moved) if row not in found] == []
    unanswered = sum(s.answered is None or s.answered >= cut for s in open_then)
    assert sum(row[-1] == "unknown" for row in found) == unanswered


def numbers(told: Told) -> int:
    return [event.type for event in told.events].count("stream.gap")


def dense(floor: Floor) -> list[bytes]:
    return [raw for _, raw in floor.said(FreeSwitch())]


def test_a_jump_in_the_sequence_is_a_gap_where_all_events_are_sent() -> None:
    said = dense(a_floor(random.Random(1)))
    lost = said[:60] + said[63:]
    reading = EslReading(Options())
    told = told_by(reading, [e for raw in lost for e in heard(reading, raw)])
    assert numbers(told) == 1 and reading.skipped == 1


def test_a_jump_says_nothing_where_the_exchange_was_asked_for_a_part() -> None:
    exchange, reading, events = FreeSwitch(), EslReading(Options()), []
    for at, _, word, told in sorted(a_floor(random.Random(1)).steps):
        exchange.sequence += random.Random(at).randrange(1, 9)
        events += heard(reading, getattr(exchange, word)(at, *told))
    assert numbers(told_by(reading, events)) == 0


def test_whoever_asks_for_all_events_sees_the_first_jump() -> None:
    exchange, reading = FreeSwitch(), EslReading(Options(more={"all": "yes"}))
    events = heard(reading, exchange.join(0, "a", QUEUES[0]))
    exchange.sequence += 1
    events += heard(reading, exchange.join(1, "b", QUEUES[0]))
    events += heard(reading, exchange.join(9, "c", QUEUES[0]))
    assert numbers(told_by(reading, events)) == 1


def pieces(raw: list[bytes]) -> Iterator[bytes]:
    whole = b"".join(raw)
    for start in range(0, len(whole), 7):
        yield whole[start : start + 7]


def test_bytes_may_be_cut_anywhere() -> None:
    floor, reading = a_floor(random.Random(2), calls=10), EslReading(Options())
    events = [e for piece in pieces(dense(floor)) for e in heard(reading, piece)]
    assert rows(told_by(reading, events)) == true_rows(floor.stays)
