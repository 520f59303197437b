"""Ends of talks as real Asterisks, 16 and 22, told them: late, without channels, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streams.sample import Told

from simkcc.analysis.columns.visits import Visit

BEGAN = 1_795_903_700
CALLER, LINE = "1795903700.1", "1795903706.7"


def event(name: str, second: float, **fields: object) -> bytes:
    """Return an event as the exchange sends it."""
    lines = [f"Event: {name}", "Privilege: agent,all", f"Timestamp: {BEGAN + second:.6f}"]
    lines += [f"{key}: {value}" for key, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def agent(name: str = "Anouk") -> dict[str, str]:
    return {"Interface": f"PJSIP/{name.lower()}", "MemberName": name}


def joins(second: float, queue: str = "afval", uid: str = CALLER) -> bytes:
    return event("QueueCallerJoin", second, Uniqueid=uid, Linkedid=uid, Queue=queue)


def leaves(second: float, queue: str = "afval", uid: str = CALLER) -> bytes:
    return event("QueueCallerLeave", second, Uniqueid=uid, Linkedid=uid, Queue=queue)


def connects(second: float, hold: int, queue: str = "afval", uid: str = CALLER,
             line: str = LINE, name: str = "Anouk") -> bytes:  # fmt: skip
    told = event("AgentConnect", second, Uniqueid=uid, Linkedid=uid, DestUniqueid=line,
                 Queue=queue, HoldTime=hold, **agent(name))  # fmt: skip
    return leaves(second - 0.01, queue, uid) + told


def completes(second: float, hold: int, talk: int, queue: str = "afval", name: str = "Anouk",
              **channels: str) -> bytes:  # fmt: skip
    return event("AgentComplete", second, **channels, Queue=queue, HoldTime=hold, TalkTime=talk,
                 Reason="caller", **agent(name))  # fmt: skip


def hangs_up(second: float, uid: str) -> bytes:
    return event("Hangup", second, Uniqueid=uid, Linkedid=CALLER, Cause=16)


def member(queue: str, name: str, in_call: int) -> bytes:
    return (
        f"Event: QueueMember\r\nQueue: {queue}\r\nName: {name}\r\nLocation: PJSIP/{name.lower()}\r\n"
        f"InCall: {in_call}\r\nStatus: {2 if in_call else 1}\r\nPaused: 0\r\n\r\n"
    ).encode()


def waits(seconds: int) -> bytes:
    """Return the line of a list that says how long the caller waits in its second queue."""
    return (
        f"Event: QueueEntry\r\nQueue: tweede\r\nUniqueid: {CALLER}\r\nPosition: 1\r\n"
        f"Wait: {seconds}\r\n\r\n"
    ).encode()


LISTED = b"Event: QueueStatusComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n"


def tick(second: float) -> bytes:
    """Return an event that tells little more than the time."""
    return event("QueueMemberStatus", second, Queue="afval", Paused=0, Status=1, **agent("Zoë"))


TICK = tick(500)
NO_CHANNELS = b"Event: CoreShowChannelsComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n"


def channel(uid: str, application: str, name: str = "x") -> bytes:
    return (
        f"Event: CoreShowChannel\r\nChannel: PJSIP/{name}-0\r\nUniqueid: {uid}\r\nLinkedid: {CALLER}\r\n"
        f"Application: {application}\r\nApplicationData: afval,c\r\nBridgeId: b\r\n\r\n"
    ).encode()


IN_TALK = channel(CALLER, "Queue") + channel(LINE, "AppQueue", "anouk") + NO_CHANNELS
LOG = {
    "two queues": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 6}|{CALLER}|afval|Anouk|CONNECT|5|{LINE}|2",
        f"{BEGAN + 10}|{CALLER}|tweede|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 40}|{CALLER}|afval|Anouk|COMPLETECALLER|5|34|1",
        f"{BEGAN + 40}|{CALLER}|tweede|NONE|ABANDON|1|1|30",
    ],
    "another before": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 6}|{CALLER}|afval|Anouk|CONNECT|5|{LINE}|2",
        f"{BEGAN + 10}|{CALLER}|tweede|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 11}|2.2|afval|NONE|ENTERQUEUE||0470000001|1",
        f"{BEGAN + 12}|2.2|afval|Zoë|CONNECT|1|2.3|1",
        f"{BEGAN + 20}|2.2|afval|Zoë|COMPLETECALLER|1|8|1",
        f"{BEGAN + 40}|{CALLER}|afval|Anouk|COMPLETECALLER|5|34|1",
        f"{BEGAN + 40}|{CALLER}|tweede|NONE|ABANDON|1|1|30",
    ],
    "third": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 6}|{CALLER}|afval|Anouk|CONNECT|5|{LINE}|2",
        f"{BEGAN + 10}|{CALLER}|tweede|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 30}|{CALLER}|tweede|NONE|EXITWITHTIMEOUT|1|1|20",
        f"{BEGAN + 31}|{CALLER}|derde|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 40}|{CALLER}|afval|Anouk|COMPLETECALLER|5|34|1",
        f"{BEGAN + 40}|{CALLER}|derde|NONE|ABANDON|1|1|9",
    ],
    "back again": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 4}|{CALLER}|afval|Anouk|CONNECT|3|{LINE}|2",
        f"{BEGAN + 10}|{CALLER}|afval|Anouk|BLINDTRANSFER|tweede|van|3|6|1",
        f"{BEGAN + 10}|{CALLER}|tweede|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 31}|{CALLER}|tweede|Zoë|CONNECT|21|3.3|1",
        f"{BEGAN + 35}|{CALLER}|tweede|Zoë|BLINDTRANSFER|afval|van|21|4|1",
        f"{BEGAN + 35}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 39}|{CALLER}|afval|NONE|ABANDON|1|1|4",
    ],
    "one talk": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 6}|{CALLER}|afval|Anouk|CONNECT|5|{LINE}|2",
        f"{BEGAN + 12}|{CALLER}|afval|Anouk|COMPLETEAGENT|5|6|1",
    ],
    "killed": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 6}|{CALLER}|afval|Anouk|CONNECT|5|{LINE}|2",
        f"{BEGAN + 20}|NONE|NONE|NONE|QUEUESTART|",
    ],
    "killed waiting": [
        f"{BEGAN + 1}|{CALLER}|afval|NONE|ENTERQUEUE||0470000000|1",
        f"{BEGAN + 20}|NONE|NONE|NONE|QUEUESTART|",
    ],
}


def told_of(folder: Path, *connections: bytes, log: str = "") -> Told:
    paths = [folder / f"{number}.ami" for number in range(len(connections))]
    for path, raw in zip(paths, connections, strict=True):
        path.write_bytes(b"Asterisk Call Manager/11.0.0\r\n" + raw)
    if log:
        (folder / "queue_log").write_text("\n".join(LOG[log]) + "\n")
    return Told("asterisk+file:" + ",".join(map(str, paths)), folder / "queue_log" if log else None)


def untimed(raw: bytes) -> bytes:
    """Return the same from an exchange that tells no times."""
    lines = raw.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"Timestamp"))


def seconds(length: int | None) -> float | None:
    return None if length is None else length / 1e6


def only(told: Told, queue: str = "afval") -> Visit:
    """Return the one visit to a queue, of a reading in which nothing was refused."""
    assert not told.recording.troubles
    assert not told.ledger.rejected
    (visit,) = told.of_queue(queue)
    return visit


ANSWERED = joins(1) + connects(6, 5)
WENT_ON = joins(10, "tweede") + hangs_up(10.1, LINE)
LATE = completes(40, 5, 34, Uniqueid=CALLER)
GAVE_UP = event("QueueCallerAbandon", 40.1, Uniqueid=CALLER, Queue="tweede", HoldTime=30) + leaves(
    40.2, "tweede"
)


def test_an_end_that_names_neither_channel_is_that_of_the_agent_s_talk(tmp_path: Path) -> None:
    visit = only(told_of(tmp_path, ANSWERED + completes(12, 5, 6)))
    assert (visit.outcome, seconds(visit.wait), seconds(visit.talk)) == ("answered", 5, 6)


def test_without_any_channel_and_met_under_way_it_still_counts(tmp_path: Path) -> None:
    told = told_of(tmp_path, tick(0) + completes(12, 5, 6))
    assert only(told).outcome == "answered"


def test_such_an_end_does_not_end_the_next_talk_of_the_same_agent(tmp_path: Path) -> None:
    other = joins(3, uid="2.2") + connects(11.9, 8, uid="2.2", line="2.3")
    told = told_of(
        tmp_path,
        ANSWERED
        + WENT_ON
        + tick(11)
        + other
        + completes(12, 5, 6)
        + completes(20, 8, 8, DestUniqueid="2.3"),
    )
    assert [seconds(visit.talk) for visit in told.of_queue("afval")] == [4, 8.1]


@pytest.mark.parametrize("log", ["", "two queues"])
@pytest.mark.parametrize("line", [hangs_up(10.1, LINE), b""], ids=["told", "untold"])
def test_after_a_failed_transfer_the_wait_in_the_next_queue_is_no_talk(
    tmp_path: Path, log: str, line: bytes
) -> None:
    told = told_of(
        tmp_path, ANSWERED + joins(10, "tweede") + line + tick(20) + LATE + GAVE_UP + TICK, log=log
    )
    visit = only(told)
    assert visit.outcome == "answered"
    assert seconds(visit.talk) == pytest.approx(4, abs=0.11)
    assert seconds(only(told, "tweede").wait) == pytest.approx(30, abs=0.3)


def test_such_a_talk_that_only_the_log_saw_counts_once(tmp_path: Path) -> None:
    told = told_of(
        tmp_path, joins(0, uid="9.9") + leaves(0.5, uid="9.9"),
        waits(20) + LISTED + tick(30) + LATE + GAVE_UP, log="two queues",
    )  # fmt: skip
    mine = [visit for visit in told.of_queue("afval") if visit.outcome == "answered"]
    assert [seconds(visit.talk) for visit in mine] == [pytest.approx(4, abs=1)]
    assert told.counts["afval"]["offered"] == 2


@pytest.mark.parametrize("clock", [bytes, untimed], ids=["timed", "untimed"])
@pytest.mark.parametrize("log", ["", "two queues", "another before"])
def test_a_talk_that_was_over_before_a_cold_start_does_not_count(
    tmp_path: Path, clock: Callable[[bytes], bytes], log: str
) -> None:
    raw = clock(waits(20) + LISTED + tick(30) + LATE + GAVE_UP)
    told = told_of(tmp_path, raw, log=log)
    assert [told.directory.queues[visit.place] for visit in told.visits] == ["tweede"]


@pytest.mark.parametrize("clock", [bytes, untimed], ids=["timed", "untimed"])
def test_nor_does_it_after_two_more_transfers(
    tmp_path: Path, clock: Callable[[bytes], bytes]
) -> None:
    """Its end is told when the caller hangs up: who joins a third queue by then had joined a second."""
    second = connects(31, 21, "tweede", line="3.3") + completes(
        35, 21, 4, "tweede", Uniqueid=CALLER, DestUniqueid="3.3"
    )
    third = joins(35.1, "derde") + connects(37, 2, "derde", line="4.4")
    ends = completes(39, 2, 2, "derde", Uniqueid=CALLER, DestUniqueid="4.4")
    raw = waits(20) + LISTED + tick(30) + second + third + ends + LATE + hangs_up(40.1, CALLER)
    told = told_of(tmp_path, clock(raw))
    assert [told.directory.queues[visit.place] for visit in told.visits] == ["tweede", "derde"]
    assert not told.recording.troubles


def test_without_a_clock_an_end_without_channels_is_of_whom_the_list_shows(tmp_path: Path) -> None:
    """The agent's talk from before the gap is over if a list has the agent with somebody else."""
    other = joins(7, uid="2.2")
    listed = channel("2.2", "Queue") + channel("2.3", "AppQueue", "anouk")
    lists = member("afval", "Anouk", 1) + LISTED + listed + NO_CHANNELS
    raw = lists + tick(20) + completes(25, 8, 10)
    told = told_of(tmp_path, untimed(ANSWERED + other), untimed(raw))
    assert [seconds(visit.wait) for visit in told.of_queue("afval")] == [5, 8]
    assert [seconds(visit.talk) for visit in told.of_queue("afval")] == [None, 10]


def test_without_a_clock_who_gave_up_is_not_who_was_answered_before(tmp_path: Path) -> None:
    """The waits, 3 and 4 seconds, are no further apart than whole seconds can be."""
    zoe = {"name": "Zoë", "queue": "tweede"}
    second = connects(31, 21, line="3.3", **zoe) + completes(
        35, 21, 4, Uniqueid=CALLER, DestUniqueid="3.3", **zoe
    )
    back = joins(35.1) + event("QueueCallerAbandon", 39, Uniqueid=CALLER, Queue="afval", HoldTime=4)
    raw = waits(20) + LISTED + tick(30) + second + back + leaves(39.1) + hangs_up(39.2, CALLER)
    told = told_of(tmp_path, untimed(raw), log="back again")
    assert only(told).outcome == "abandoned"
    assert only(told, "tweede").outcome == "answered"


@pytest.mark.parametrize("log", ["", "two queues"])
def test_without_a_clock_an_end_told_after_a_gap_is_no_second_talk(
    tmp_path: Path, log: str
) -> None:
    """The line hung up before the connection was lost, the caller hangs up behind it."""
    after = waits(20) + LISTED + tick(30) + LATE + GAVE_UP + hangs_up(40.3, CALLER)
    told = told_of(tmp_path, untimed(ANSWERED + WENT_ON), untimed(after), log=log)
    assert only(told).outcome == "answered"
    assert only(told, "tweede").outcome == ("abandoned" if log else "unknown")


def test_a_wait_that_vanished_was_answered_after_all(tmp_path: Path) -> None:
    told = told_of(tmp_path, joins(1), waits(1) + LISTED + NO_CHANNELS + tick(11) + LATE + GAVE_UP)
    assert only(told).outcome == "answered"
    assert seconds(only(told).wait) == pytest.approx(5, abs=1)
    assert only(told, "tweede").outcome == "unknown"


@pytest.mark.parametrize("log", ["", "third"])
def test_a_talk_is_not_as_long_as_until_the_second_queue_that_somebody_saw(
    tmp_path: Path, log: str
) -> None:
    """A queue in between was joined and left while nobody listened: only a log knows of it."""
    raw = NO_CHANNELS + tick(30) + joins(31, "derde") + LATE
    gone = event("QueueCallerAbandon", 40.1, Uniqueid=CALLER, Queue="derde", HoldTime=9)
    visit = only(told_of(tmp_path, tick(0), LISTED + raw + gone + TICK, log=log))
    assert visit.outcome == "answered"
    assert seconds(visit.talk) == (pytest.approx(4, abs=1) if log else None)
    assert (visit.gone_by is None) == bool(log)


def test_a_talk_lasts_beyond_the_start_of_the_one_before(tmp_path: Path) -> None:
    """A list may still have both channels of a talk that a transfer has just ended."""
    listed = channel(CALLER, "AppDial") + channel(LINE, "AppDial") + NO_CHANNELS
    ends = completes(30, 2, 18, "tweede", "Zoë", Uniqueid=CALLER, DestUniqueid="3.3")
    told = told_of(tmp_path, ANSWERED, LISTED + listed + tick(15) + ends)
    assert seconds(only(told, "tweede").talk) == pytest.approx(18, abs=1)


def test_an_answer_lost_between_leave_and_connect_ends_when_the_log_says(tmp_path: Path) -> None:
    told = told_of(tmp_path, joins(1) + leaves(6), LISTED + NO_CHANNELS + TICK, log="one talk")
    visit = only(told)
    assert (visit.outcome, seconds(visit.talk)) == ("answered", pytest.approx(6, abs=1))


def test_nobody_waits_for_ever_who_had_left_when_the_line_was_lost(tmp_path: Path) -> None:
    visit = only(told_of(tmp_path, joins(1) + leaves(6), LISTED + TICK))
    assert visit.outcome == "unknown"
    assert visit.left is not None
    assert seconds(visit.wait) == 5


@pytest.mark.parametrize("seen", [joins(1), joins(1) + leaves(6)], ids=["waiting", "leaving"])
def test_a_talk_that_the_exchange_died_under_has_no_end(tmp_path: Path, seen: bytes) -> None:
    visit = only(told_of(tmp_path, seen, LISTED + TICK, log="killed"))
    assert (visit.outcome, visit.left, visit.talk) == ("answered", None, None)
    assert visit.gone_by is not None


def test_who_waited_when_the_exchange_died_vanished_in_the_log_too(tmp_path: Path) -> None:
    first = joins(-5, uid="9.9") + leaves(-4, uid="9.9")
    told = told_of(tmp_path, first, LISTED + TICK, log="killed waiting")
    visit = told.of_queue("afval")[-1]
    assert (visit.outcome, visit.left, visit.wait) == ("unknown", None, None)
    assert visit.gone_by is not None


@pytest.mark.parametrize("in_call", [0, 1])
def test_without_a_list_of_channels_members_tell_whether_they_talk(
    tmp_path: Path, in_call: int
) -> None:
    visit = only(told_of(tmp_path, ANSWERED, member("afval", "Anouk", in_call) + LISTED + TICK))
    assert (visit.gone_by is None) == bool(in_call)
    assert visit.talk is None


def test_without_a_clock_a_talk_of_unknown_length_has_none(tmp_path: Path) -> None:
    raw = ANSWERED + joins(10, "tweede") + hangs_up(10.1, LINE) + GAVE_UP
    visit = only(told_of(tmp_path, untimed(raw)))
    assert (visit.outcome, seconds(visit.wait), visit.talk) == ("answered", 5, None)


def test_an_answer_told_after_the_list_that_showed_it_is_the_same(tmp_path: Path) -> None:
    lists = LISTED + IN_TALK
    answer = connects(6, 5).partition(b"\r\n\r\n")[2]
    visit = only(told_of(tmp_path, joins(1), lists + answer + completes(12, 5, 6, **ENDS)))
    assert (seconds(visit.wait), seconds(visit.talk)) == (5, 6)


ENDS = {"Uniqueid": CALLER, "DestUniqueid": LINE}


@pytest.mark.parametrize("up", [1, 200])
def test_a_young_exchange_knows_nobody_of_before(tmp_path: Path, up: int) -> None:
    """Asked too early it answers that it does not know the lists; how long it is up tells enough."""
    refused = (
        "Response: Error\r\nActionID: rec-QueueStatus\r\nMessage: Invalid/unknown command\r\n\r\n"
        f"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: {up}\r\nStatus: Fully Booted\r\n\r\n"
    ).encode()
    told = told_of(tmp_path, ANSWERED + joins(7, uid="2.2"), refused + tick(60))
    restarted = up == 1
    assert [visit.gone_by is not None for visit in told.visits] == [restarted, restarted]


def test_what_ended_as_the_lists_were_made_is_told_after_them(tmp_path: Path) -> None:
    """Lists are ahead of events by milliseconds: nobody has vanished of whom events still tell."""
    lists = LISTED + NO_CHANNELS
    gives_up = event("QueueCallerAbandon", 5.9, Uniqueid=CALLER, Queue="afval", HoldTime=5)
    left = only(told_of(tmp_path, joins(1), lists + gives_up + leaves(6) + hangs_up(6.1, CALLER)))
    assert (left.outcome, seconds(left.wait)) == ("unknown", pytest.approx(4.9))
    answered = only(
        told_of(tmp_path, joins(1), lists + connects(6, 5) + completes(12, 5, 6, **ENDS))
    )
    assert (seconds(answered.wait), seconds(answered.talk)) == (5, 6)


def test_whose_channel_hangs_up_after_a_list_without_it_vanished_before(tmp_path: Path) -> None:
    visit = only(told_of(tmp_path, joins(1), LISTED + NO_CHANNELS + tick(5) + hangs_up(6, CALLER)))
    assert (visit.left, visit.wait) == (None, None)
    assert visit.gone_by is not None
