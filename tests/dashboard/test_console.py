"""The console: what it shows, what is changed and written down through it, and who may."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from dashboard.consoles import HOUR, Room, centre_in, console_of
from dashboard.walls import board_of

from simkcc.dashboard.alerts import CLEAR_AFTER, RAISE_AFTER, Alerts
from simkcc.dashboard.console_pages import HEADER
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.login import Login, Users
from simkcc.dashboard.notes import read_csv
from simkcc.engine.reference import Centre as Engine
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.interventions import AS_ROSTERED, Lever

TEN = 10 * HOUR


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return centre_in(tmp_path_factory.mktemp("console"))


def tell(centre: Centre, story: Callable[[Room], Awaitable[None]], **more: bool) -> None:
    async def told() -> None:
        async with console_of(centre, **more) as room:
            await story(room)

    asyncio.run(told())


def test_the_console_agrees_with_the_board(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        state = await room.state()
        frame = state["frame"]
        assert sum(len(queue["waiting"]) for queue in state["queues"]) == frame["waiting"]["n"]
        agents = [agent for group in state["groups"] for agent in group["agents"]]
        assert len(agents) == frame["agents"]["there"]
        assert sum(agent["answered"] for agent in agents) == frame["today"]["answered"]["num"]
        lost = frame["today"]["abandonment"]["num"] + frame["today"]["menu_abandonment"]["num"]
        assert len(state["lost"]) == min(lost, 60)
        times = [event["at"] for event in state["events"]]
        assert times == sorted(times, reverse=True)

    tell(centre, story)


def test_a_change_is_marked_and_the_undisturbed_day_stands_beside_it(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        change = {"lever": int(Lever.BURST), "place": 0, "amount": 40}
        assert (await room.post("control", change))[0] == 200
        room.play(11 * HOUR)
        state = await room.state("?twin=1")
        assert state["frame"]["changes"] == [{"at": 600.0, "change": [Lever.BURST, 0, 40]}]
        assert state["frame"]["rejected"]["n"] == 0
        alone = Engine(centre.plan)
        alone.run(11 * HOUR)
        board = board_of(centre, 11 * HOUR)
        board.apply(alone.events)
        twin = board.snapshot()
        assert state["twin"]["today"]["offered"] == twin["today"]["offered"]
        assert state["twin"]["chart"] == twin["chart"]
        offered = state["frame"]["today"]["offered"]["num"]
        assert offered > state["twin"]["today"]["offered"]["num"]
        before = 10 * 60 - state["twin"]["chart"]["first"]
        assert (
            state["twin"]["chart"]["waiting"][:before]
            == state["frame"]["chart"]["waiting"][:before]
        )

    tell(centre, story)


def test_levers_tell_what_was_said_last(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        said = {"lever": int(Lever.AGENTS), "place": 0, "amount": AS_ROSTERED + 2}
        assert (await room.post("control", said))[0] == 200
        levers = {lever["name"]: lever for lever in (await room.state())["levers"]}
        assert levers["agents"]["said"] == [AS_ROSTERED + 2]
        assert levers["menu"]["file"] == 20
        assert "outsourcing" not in levers

    tell(centre, story)


def test_speed_and_step_are_events_but_no_marks(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        assert (await room.post("control", {"lever": 0, "amount": 30}))[0] == 200
        assert room.source.speed == 30
        assert (await room.post("control", {"lever": 0, "amount": 0}))[0] == 200
        assert room.source.speed == 0
        room.play(TEN + SECOND)
        state = await room.state()
        assert state["frame"]["changes"] == []
        assert [event for event in state["events"] if event["type"] == "scenario.changed"]

    tell(centre, story)


@pytest.mark.parametrize(
    "what", [{"lever": 3, "place": 9, "amount": 5}, {"lever": 4, "amount": 9999},
             {"lever": 5, "place": 0, "amount": 0}],
)  # fmt: skip
def test_what_cannot_be_changed_is_a_sentence(centre: Centre, what: dict[str, int]) -> None:
    async def story(room: Room) -> None:
        code, found = await room.post("control", what)
        assert code == 400
        assert found["error"]
        assert room.source.changes == ()

    tell(centre, story)


@pytest.mark.parametrize("path", ["control", "note", "import"])
@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [("{}", {}, 403), ("{}", {"X-Simkcc-Console": "1", "Origin": "http://evil.example"}, 403),
     ("[]", {"X-Simkcc-Console": "1"}, 400), ("{", {"X-Simkcc-Console": "1"}, 400),
     ('{"lever": true, "amount": 1, "kind": [], "csv": 3}', {"X-Simkcc-Console": "1"}, 400)],
)  # fmt: skip
def test_only_the_page_itself_may_post(
    centre: Centre, path: str, body: str, headers: dict[str, str], code: int
) -> None:
    async def story(room: Room) -> None:
        answer = await room.ask(f"console/{path}", method="POST", body=body, headers=headers)
        assert answer.code == code
        assert room.source.changes == ()
        assert room.hub.board.events == 0

    tell(centre, story)


def test_a_source_without_levers_has_none(centre: Centre) -> None:
    async def story(room: Room) -> None:
        assert (await room.state("?twin=1"))["levers"] == []
        assert (await room.post("control", {"lever": 0, "amount": 2}))[0] == 404
        assert b'id="levers"' not in (await room.ask("console")).body

    tell(centre, story, levers=False)


@pytest.mark.parametrize("language", ["nl", "en", "fr", "de"])
def test_the_page_loads_nothing_from_elsewhere(centre: Centre, language: str) -> None:
    async def story(room: Room) -> None:
        for page in ("console", "lab"):
            answer = await room.ask(f"{page}?lang={language}")
            assert answer.code == 200
            assert b"://" not in answer.body
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]

    tell(centre, story)


def test_only_who_has_logged_in_sees_the_console(centre: Centre, tmp_path: Path) -> None:
    users = Users(tmp_path / "users")
    users.add("ann", "long enough")

    async def story(room: Room) -> None:
        login = room.access.login = Login(users=users, key="a key of a board")
        asked = [("console", "GET"), ("console/state", "GET"), ("console/control", "POST"),
                 ("console/note", "POST"), ("console/import", "POST"), ("lab", "GET")]  # fmt: skip
        for name, codes in (("", {401}), ("-", {401}), ("ann", {200, 400})):
            for path, method in asked:
                headers = {HEADER: "1"} | (
                    {"Cookie": f"simkcc={login.session(name)}"} if name else {}
                )
                body = "{}" if method == "POST" else None
                answer = await room.ask(path, method=method, body=body, headers=headers)
                assert answer.code in codes, (name, path)

    tell(centre, story)


# ------------------------------------------------------------------ writing down


def test_a_callback_is_open_until_it_is_done(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        before = (await room.state())["frame"]["callbacks"]["open"]
        assert (await room.post("note", {"kind": "callback", "topic": 0, "due": "10:00"}))[0] == 200
        state = await room.state()
        assert state["frame"]["callbacks"]["open"] == before + 1
        [mine] = [task for task in state["callbacks"] if task["id"]]
        assert not mine["overdue"]
        room.play(TEN + 60 * SECOND)
        [mine] = [task for task in (await room.state())["callbacks"] if task["id"]]
        assert mine["overdue"]
        assert (await room.post("note", {"done": mine["id"]}))[0] == 200
        assert (await room.state())["frame"]["callbacks"]["open"] == before
        assert (await room.post("note", {"done": mine["id"]}))[0] == 400
        assert room.hub.board.rejected.total() == 0

    tell(centre, story)


def test_visits_and_reasons_count_and_leave_the_calls_alone(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        before = (await room.state())["frame"]
        for _ in range(2):
            assert (await room.post("note", {"kind": "bezoek", "topic": 0, "minutes": "7"}))[
                0
            ] == 200
        assert (await room.post("note", {"kind": "reason", "topic": "Calls"}))[0] == 200
        after = (await room.state())["frame"]
        assert after["notes"] == {"reasons": 1, "visits": 2, "by_topic": {"0": 1}}
        assert after["today"] == before["today"]
        assert after["rejected"]["n"] == 0
        log = room.hub.board.log()
        visits = log.contacts[log.contacts["kind"] == 4]
        assert (visits["ended"] - visits["born"] == 7 * 60 * SECOND).all()

    tell(centre, story)


CSV = """soort;tijd;onderwerp;minuten
reden;09:10;calls;
bezoek;09:15;calls;12
bezoek;09:15;calls;12
terugbelverzoek;09:20;calls;
"""


def test_the_same_file_twice_is_the_same_events(centre: Centre) -> None:
    async def story(room: Room) -> None:
        room.play(TEN)
        open_before = (await room.state())["frame"]["callbacks"]["open"]
        for _ in range(2):
            code, found = await room.post("import", {"csv": CSV})
            assert (code, found) == (200, {"taken": 4, "wrong": [], "n_wrong": 0})
        frame = (await room.state())["frame"]
        assert frame["notes"] == {"reasons": 1, "visits": 2, "by_topic": {"0": 1}}
        assert frame["callbacks"]["open"] == open_before + 1

    tell(centre, story)


def rows(centre: Centre, text: str) -> tuple[int, list[str]]:
    events, wrong = read_csv(text, board_of(centre).directory, TEN)
    return len({event.contact for event in events}), wrong


def test_rows_that_cannot_be_used_are_told_one_by_one(centre: Centre) -> None:
    text = (
        "kind,topic,time,minutes,due\nreason,calls,09:00\nhello,calls,09:00\nreason,parks,09:00\n"
        "visit,calls,09:00,many\nvisit,calls,09:59,5\nreason,calls,11:00\nreason,calls,25:00\n\n"
        "callback,calls,09:00,,2023-01-01T10:00\ncallback,calls,2024-01-01T08:00,,2024-01-03T16:00\n"
    )
    taken, wrong = rows(centre, text)
    assert taken == 2
    assert [line.split(":")[0] for line in wrong] == [f"line {n}" for n in (3, 4, 5, 6, 7, 8, 10)]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "kind\nreason\n", 'kind,topic\n"reason'])
def test_a_file_that_is_none_is_one_sentence(centre: Centre, text: str) -> None:
    try:
        taken, wrong = rows(centre, text)
    except SettingError as error:
        assert "\n" not in str(error)
    else:
        assert taken == 0
        assert len(wrong) == 1


def test_notes_that_were_kept_are_there_after_a_restart(centre: Centre) -> None:
    events, _ = read_csv(CSV, board_of(centre).directory, TEN)
    board = board_of(centre, TEN)
    board.apply(events + events[::-1])
    snapshot = board.snapshot()
    assert snapshot["notes"]["visits"] == 2
    assert snapshot["callbacks"]["open"] == 1
    assert len(board.notes.open) == 1


# ------------------------------------------------------------------ alerts


def frame(wait: str = "good") -> dict[str, object]:
    status = {"status": "none"}
    return {"waiting": {"status": wait}, "lately": {"sl": status}, "callbacks": status,
            "feed": "running", "gap": False}  # fmt: skip


def test_an_alert_waits_before_it_is_raised_and_before_it_is_cleared() -> None:
    alerts = Alerts()
    for now in range(300):
        alerts.update(frame("bad" if 10 <= now < 100 else "good"), float(now))
        assert bool(alerts.open) == (10 + RAISE_AFTER <= now < 100 + CLEAR_AFTER)
    assert [(name, raised) for _, name, raised in alerts.log] == [
        ("longest_wait", False), ("longest_wait", True)
    ]  # fmt: skip


def test_an_alert_does_not_flutter() -> None:
    alerts = Alerts()
    for now in range(600):
        alerts.update(frame("bad" if now % 40 < 20 else "good"), float(now))
    assert not alerts.log
