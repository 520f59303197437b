"""Events out of order, repeated, and nonsense between them: does the day come out the same?"""

import json
import random
import urllib.error
from pathlib import Path

from bench.wall.day import ANTWERP, centre_of, played, wrapped
from bench.wall.kills import told_of, undisturbed
from bench.wall.program import Program, listening
from simkcc.model.events import Event

LATE = 2 * 10**6
"""Microseconds by which an event may come too late."""

REPEATED = 0.3
"""Share of the events that come twice."""

NONSENSE = (
    b"", b"null", b"[", b"{}", b"[[]]", b"[null]", b"\xff\xfe", b'[{"specversion": "1.0"}]',
    b'[{"specversion": "2.0", "id": "1", "source": "urn:bench:pbx", "type": "x"}]',
    b'[{"specversion": "1.0", "id": "1", "source": "urn:bench:pbx", "data": {"at": "noon"},'
    b' "type": "simkcc.call.queued.v1"}]',
    b'[{"specversion": "1.0", "id": "1", "source": "urn:bench:pbx", "data": {"at": 1e999},'
    b' "type": "simkcc.call.queued.v1"}]',
    b'[{"specversion": "1.0", "id": "1", "source": "urn:bench:pbx", "data": 7,'
    b' "type": "simkcc.call.answered.v1"}]',
)  # fmt: skip
"""Bodies that are no events, in as many ways."""


def measure(folder: Path, number: int = 10_000, scenario: Path = ANTWERP) -> dict[str, object]:
    """Hand over a day as nobody should, with so many malformed messages in between."""
    chance = random.Random(3)
    events = played(centre_of(scenario))
    program = listening(folder, scenario)
    program.start()
    try:
        mixed = disturbed(events, chance)
        batches = [mixed[start : start + 50] for start in range(0, len(mixed), 50)]
        each = number // len(batches) + 1
        sent = 0
        for batch in batches:
            for body in (_nonsense(chance) for _ in range(min(each, number - sent))):
                _refused(program, body)
                sent += 1
            program.post(wrapped(batch))
        counted = program.figures()
        shown = program.frame()
    finally:
        program.end()
    rejected = sum(n for name, n in counted.items() if name.startswith("simkcc_events_rejected"))
    plain = _figures(undisturbed(folder, scenario, wrapped(events)))
    return {
        "events": len(events), "handed over": len(mixed), "malformed messages": sent,
        "rejected, as counted": int(rejected), "rejected, as shown": shown["rejected"]["n"],
        "board equals the undisturbed": _figures(told_of(shown)) == plain,
    }  # fmt: skip


def _figures(told: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name != "rejected"}


def disturbed(events: list[Event], chance: random.Random) -> list[Event]:
    """Return events up to so much too late, some of them twice."""
    twice = [*events, *chance.sample(events, int(REPEATED * len(events)))]
    late = sorted((event.at + chance.uniform(0, LATE), n) for n, event in enumerate(twice))
    return [twice[n] for _, n in late]


def _nonsense(chance: random.Random) -> bytes:
    """Return a body that is no event: a known kind of nonsense, noise, or a call cut short."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.choice(NONSENSE)
    if kind == 1:
        return b"\x00" + chance.randbytes(chance.randrange(200))
    whole = json.dumps([{"specversion": "1.0", "type": "simkcc.call.queued.v1", "data": {}}])
    return whole[: chance.randrange(1, len(whole))].encode()


def _refused(program: Program, body: bytes) -> None:
    """Hand over a body; it must be refused, in words."""
    try:
        program.post_body(body)
    except urllib.error.HTTPError as error:
        assert error.code == 400, error.code
        error.close()
        return
    raise AssertionError(f"taken as an event: {body[:200]!r}")
