"""Streams written by hand after Asterisk's sources, each with what is true of it.

Local channels that the exchange takes out of the line, names in old alphabets, files that were edited.
"""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from streams.sample import Told

from simkcc.model.contact_log import SECOND
from simkcc.streams.ami_wire import WANTED
from simkcc.streams.asterisk_live import FILTER

T = 1_795_000_000


def tallied(address: str, log: Path | None = None) -> list[tuple[Any, ...]]:
    """Return queue, wait, talk, agent and outcome of every visit."""
    told = Told(address, log)
    names = told.directory
    return [
        (
            names.queues[visit.place],
            None if visit.wait is None else visit.wait / SECOND,
            None if visit.talk is None else visit.talk / SECOND,
            names.people.get(visit.agent),
            visit.outcome,
        )
        for visit in told.visits
    ]


def event(name: str, at: float, **fields: object) -> str:
    told = {"Event": name, "Privilege": "call,all", "Timestamp": f"{T + at:.6f}", **fields}
    return "".join(f"{key}: {value}\r\n" for key, value in told.items()) + "\r\n"


def optimized(at: float, one: str, two: str, source: str) -> str:
    """Return what Asterisk 16 and 22 tell: that it had no success, whether it had or not."""
    ends = {"LocalOneUniqueid": one, "LocalTwoUniqueid": two}
    begun = event(
        "LocalOptimizationBegin", at, **ends, SourceUniqueid=source, DestUniqueId="b", Id=1
    )
    done = event("LocalOptimizationEnd", at + 0.001, **ends, Success="No", Id=1)
    return begun + done


def a_talk(caller: str, agent: str, between: str = "", last: tuple[str, str] | None = None) -> str:
    """Return a call that waits from 10 to 15 and talks until 95; the end may name other channels."""
    here = {"Queue": "Balie", "Uniqueid": caller, "Linkedid": "pbx1-1.1"}
    there = {**here, "MemberName": "Els", "Interface": "Local/21@in", "DestUniqueid": agent}
    end = {
        **there,
        "Uniqueid": (last or (caller, agent))[0],
        "DestUniqueid": (last or (caller, agent))[1],
    }
    return (
        event("QueueCallerJoin", 10, **here, Position=1, Count=1)
        + event("AgentCalled", 10.2, **there)
        + event("QueueCallerLeave", 15, **here, Position=1, Count=0)
        + event("AgentConnect", 15.001, **there, HoldTime=5, RingTime=4)
        + between
        + event("AgentComplete", 95, **end, HoldTime=5, TalkTime=80, Reason="caller")
        + event("Hangup", 95.1, Uniqueid=end["Uniqueid"], Cause=16)
        + event("Hangup", 95.1, Uniqueid=end["DestUniqueid"], Cause=16)
        + event("QueueMemberStatus", 120, Queue="Balie", MemberName="Els", Interface="Local/21@in",
                Status=1, Paused=0, InCall=0)
    )  # fmt: skip


def gone(at: float, *channels: str) -> str:
    return "".join(event("Hangup", at, Uniqueid=channel, Cause=16) for channel in channels)


OPTIMIZED = {
    "an agent": a_talk(
        "pbx1-1.1", "pbx1-1.2",
        optimized(16, "pbx1-1.2", "pbx1-1.3", "pbx1-1.4") + gone(16.2, "pbx1-1.2", "pbx1-1.3"),
        ("pbx1-1.1", "pbx1-1.4"),
    ),
    "a caller": a_talk(
        "pbx1-1.3", "pbx1-1.4",
        optimized(16, "pbx1-1.2", "pbx1-1.3", "pbx1-1.1") + gone(16.2, "pbx1-1.2", "pbx1-1.3"),
        ("pbx1-1.1", "pbx1-1.4"),
    ),
    "both": a_talk(
        "pbx1-1.3", "pbx1-1.4",
        optimized(16, "pbx1-1.2", "pbx1-1.3", "pbx1-1.1") + gone(16.2, "pbx1-1.2", "pbx1-1.3")
        + optimized(17, "pbx1-1.4", "pbx1-1.5", "pbx1-1.6") + gone(17.2, "pbx1-1.4", "pbx1-1.5"),
        ("pbx1-1.1", "pbx1-1.6"),
    ),
    "none, for it failed": a_talk(
        "pbx1-1.1", "pbx1-1.2", optimized(16, "pbx1-1.2", "pbx1-1.3", "pbx1-1.4")
    ),
}  # fmt: skip

LOGS = {
    name: f"{T + 10}|{caller}|Balie|NONE|ENTERQUEUE||anonymous|1\n"
    f"{T + 15}|{caller}|Balie|Els|CONNECT|5|{agent}|4\n{T + 95}|{last}|Balie|Els|COMPLETECALLER|5|80|1\n"
    for name, caller, agent, last in (
        ("an agent", "pbx1-1.1", "pbx1-1.2", "pbx1-1.1"),
        ("a caller", "pbx1-1.3", "pbx1-1.4", "pbx1-1.1"),
        ("both", "pbx1-1.3", "pbx1-1.4", "pbx1-1.1"),
        ("none, for it failed", "pbx1-1.1", "pbx1-1.2", "pbx1-1.1"),
    )
}


@pytest.mark.parametrize("calls", [True, False], ids=["agent and call", "agent alone"])
@pytest.mark.parametrize("log", [False, True], ids=["", "with the log"])
@pytest.mark.parametrize("who", OPTIMIZED)
def test_a_talk_lasts_although_its_local_channels_are_taken_out(
    tmp_path: Path, who: str, log: bool, calls: bool
) -> None:
    told = OPTIMIZED[who]
    if not calls:
        blocks = told.split("\r\n\r\n")[:-1]
        told = "".join(
            f"{block}\r\n\r\n"
            for block in blocks
            if "Hangup" not in block and "Local" not in block[:20]
        )
    (tmp_path / "x.ami").write_bytes(told.encode())
    (tmp_path / "log").write_text(LOGS[who])
    ((queue, wait, talk, *rest),) = tallied(
        f"asterisk+file:{tmp_path / 'x.ami'}", tmp_path / "log" if log else None
    )
    assert (queue, *rest) == ("Balie", "Els", "answered")
    assert wait == pytest.approx(5.001) and talk == pytest.approx(79.999, abs=0.2)


@pytest.mark.parametrize("who", LOGS)
def test_a_log_whose_last_line_names_another_channel_counts_one_call(
    tmp_path: Path, who: str
) -> None:
    (tmp_path / "log").write_text(LOGS[who])
    assert tallied(f"queue_log:{tmp_path / 'log'}") == [
        ("Balie", pytest.approx(5, abs=0.001), pytest.approx(80, abs=0.001), "Els", "answered")
    ]


NAMES = {
    "UTF-8": ("Café Één".encode(), "Café Één"),
    "latin-1": ("Café Één".encode("latin-1"), "Café Één"),
}


@pytest.mark.parametrize("how", NAMES)
@pytest.mark.parametrize("caller", [b"<unknown>", "Zoë".encode(), "Zoë".encode("latin-1")])
def test_a_callers_alphabet_changes_no_queue(tmp_path: Path, how: str, caller: bytes) -> None:
    raw, name = NAMES[how]
    lines = [
        b"%d|a.1|%s|NONE|ENTERQUEUE||%s|1" % (T, raw, caller),
        b"%d|a.1|%s|%s|CONNECT|9|a.2|4" % (T + 9, raw, raw),
        b"%d|a.1|%s|%s|COMPLETEAGENT|9|30|1" % (T + 39, raw, raw),
    ]
    (tmp_path / "log").write_bytes(b"\n".join(lines))
    packets = a_talk("a.1", "a.2").encode().replace(b"Balie", raw).replace(b"Els", raw)
    joined = b"Event: QueueCallerJoin\r\nCallerIDName: " + caller + b"\r\n"
    (tmp_path / "x.ami").write_bytes(packets.replace(b"Event: QueueCallerJoin\r\n", joined))
    for address in (f"queue_log:{tmp_path / 'log'}", f"asterisk+file:{tmp_path / 'x.ami'}"):
        ((queue, _, _, *rest),) = tallied(address)
        assert (queue, *rest) == (name, name, "answered")


ENDS = {
    "COMPLETECALLER|5|80|1": (80, "answered"),
    "ATTENDEDTRANSFER|BRIDGE|8f-2|5|80|1": (80, "answered"),
    "ATTENDEDTRANSFER|LINK|PJSIP/7-01|PJSIP/9-02|5|80|1": (80, "answered"),
    "ATTENDEDTRANSFER|APP|VoiceMail|5|80|1": (80, "answered"),
    "BLINDTRANSFER|21|in|5|80|1": (80, "answered"),
    "TRANSFER|21|in|5|80": (80, "answered"),
    "COMPLETECAL": (None, "answered"),
    "": (None, "answered"),
}
"""Last lines of a talk, by what Asterisk writes there; the last two were cut."""


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("started", [True, False], ids=["", "of a log cut at its start"])
def test_every_end_of_a_talk_is_read(tmp_path: Path, end: str, started: bool) -> None:
    if not started and ENDS[end][0] is None:
        return
    lines = [
        f"{T + 10}|a.1|Balie|NONE|ENTERQUEUE||0470|1",
        f"{T + 15}|a.1|Balie|Els|CONNECT|5|a.2|4",
        f"{T + 95}|a.1|Balie|Els|{end}",
    ]
    (tmp_path / "log").write_text("\n".join(lines if started else lines[2:]))
    talk, outcome = ENDS[end]
    ((_, wait, told, _, how),) = tallied(f"queue_log:{tmp_path / 'log'}")
    assert wait == pytest.approx(5, abs=0.01) and how == outcome
    assert told == (None if talk is None else pytest.approx(talk, abs=0.01))


EXITS = {
    "ABANDON|2|3|40": "abandoned",
    "EXITWITHTIMEOUT|1|3|40": "timeout",
    "EXITEMPTY|1|3|40": "no_agents",
    "EXITWITHKEY|2|1|3|40": "key",
    "WITHDRAW|1|3|40|moved": "unknown",
}

BETWEEN = (
    "NONE|NONE|NONE|CONFIGRELOAD|\n",
    "a.1|Balie|Els|RINGNOANSWER|15000\n",
    "a.1|Balie|Els|RINGCANCELED|700\n",
    "NONE|NONE|Els|PAUSEALL|lunch\n",
    "NONE|Balie|Els|PAUSE|lunch\n",
    "a.1|Balie|Els|AGENTDUMP|\n",
    "MANAGER|Balie|SIP/9|ADDMEMBER|\n",
    "\n",
    "so this is no line\n",
)
"""What may stand between a caller's lines."""


@pytest.mark.parametrize("how", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("exit_line", EXITS)
def test_every_exit_is_read_through_what_stands_between(
    tmp_path: Path, exit_line: str, how: str
) -> None:
    text = f"\ufeff{T}|pbx1-{T}.7|Grote markt|NONE|ENTERQUEUE||a|1\n"
    text += "".join(line if "|" not in line else f"{T + 20}|{line}" for line in BETWEEN)
    text += f"{T + 40}|pbx1-{T}.7|Grote markt|NONE|{exit_line}"
    (tmp_path / "log").write_bytes(text.replace("\n", how).encode())
    assert tallied(str(tmp_path / "log")) == [
        ("Grote markt", pytest.approx(40, abs=0.01), None, None, EXITS[exit_line])
    ]


def test_parts_of_a_log_may_be_given_in_any_order(tmp_path: Path) -> None:
    parts = [
        f"{T}|a.1|Balie|NONE|ENTERQUEUE||x|1\n",
        f"{T + 5}|a.1|Balie|Els|CONNECT|5|a.2|4\n",
        f"{T + 85}|a.1|Balie|Els|COMPLETECALLER|5|80|1\n",
    ]
    paths = [tmp_path / name for name in ("queue_log.2.gz", "queue_log.1.gz", "queue_log")]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(gzip.compress(part.encode()) if path.suffix else part.encode())
    for order in (paths, paths[::-1], [paths[1], paths[2], paths[0]]):
        ((_, wait, talk, *rest),) = tallied("queue_log:" + ",".join(map(str, order)))
        assert (wait, talk) == pytest.approx((5, 80), abs=0.01) and rest == ["Els", "answered"]


EXCHANGES = Path(__file__).parents[1] / "data" / "exchanges"

LASTED = [12, 18, 12, 6, 12, 18]
"""Seconds of the six talks on the real ones: so long the phones stayed, but the fourth caller left after 8."""


@pytest.mark.parametrize("calls", [True, False], ids=["agent and call", "agent alone"])
@pytest.mark.parametrize("log", [False, True], ids=["", "with the log"])
@pytest.mark.parametrize("version", ["16", "22"])
def test_real_exchanges_that_take_local_channels_out(
    tmp_path: Path, version: str, log: bool, calls: bool
) -> None:
    """Four callers come by Local channels, all agents are behind them; audio flows, so all are optimized."""
    raw = gzip.decompress((EXCHANGES / f"local-{version}" / "0.ami.gz").read_bytes())
    if not calls:
        blocks = raw.split(b"\r\n\r\n")
        raw = b"\r\n\r\n".join(
            each for each in blocks if each[:12] not in (b"Event: Hangu", b"Event: Local")
        )
    (tmp_path / "x.ami").write_bytes(raw)
    beside = EXCHANGES / f"local-{version}" / "queue_log.gz"
    for address in [f"asterisk+file:{tmp_path / 'x.ami'}", f"queue_log:{beside}"]:
        found = tallied(address, beside if log else None)
        assert [talk for _, _, talk, *_ in found] == [
            pytest.approx(seconds, abs=1.01) for seconds in LASTED
        ]
        assert {outcome for *_, outcome in found} == {"answered"}


@pytest.mark.parametrize("who", ["an agent", "a caller", "both"])
@pytest.mark.parametrize("log", [False, True], ids=["", "with the log"])
def test_whoever_comes_after_a_local_channel_was_taken_out_counts_its_talk_once(
    tmp_path: Path, who: str, log: bool
) -> None:
    after = OPTIMIZED[who].index("Event: AgentComplete")
    (tmp_path / "x.ami").write_text(
        event("FullyBooted", 90, Uptime=900) + OPTIMIZED[who][after:], newline=""
    )
    (tmp_path / "log").write_text(LOGS[who])
    ((*_, agent, outcome),) = tallied(
        f"asterisk+file:{tmp_path / 'x.ami'}", tmp_path / "log" if log else None
    )
    assert (agent, outcome) == ("Els", "answered")


def test_the_exchange_is_asked_for_all_events_that_are_read() -> None:
    lists = {"CoreShowChannel", "CoreShowChannelsComplete"}
    unasked = [name for name in WANTED - lists if not re.match(FILTER, f"Event: {name}")]
    assert not unasked, "answers to what was asked are not filtered; these are"
