"""The board: figures equal those of a run, whatever the order and repetition of events."""

import random
from collections import Counter
from pathlib import Path

import pytest
from dashboard.walls import Still, board_of, names_of, played, small_centre
from seeds import few_of

from simkcc.analysis.folding import fold
from simkcc.dashboard import now as live
from simkcc.dashboard.board import PERMANENCE_WORDS, Board
from simkcc.dashboard.figures import TODAY, Centre
from simkcc.dashboard.settings import Norm, read_settings
from simkcc.errors import SettingError
from simkcc.model.contact_log import DAY, SECOND, ContactKind, Outcome
from simkcc.model.events import Event, Happening
from simkcc.model.files import load_scenario
from simkcc.model.interventions import PERMANENCES, Change, Lever

HOUR = 3600 * SECOND


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return small_centre(tmp_path_factory.mktemp("wall"), "horizon.days=1")


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return small_centre(tmp_path_factory.mktemp("wall"))


def test_figures_of_a_day_equal_those_of_a_run_on_the_same_log(centre: Centre) -> None:
    events, engine = played(centre)
    board = board_of(centre, DAY - 1)
    board.apply(events)
    found = board.snapshot()["today"]
    whole = fold(engine.log(), centre.plan, centre.scenario).whole
    assert whole["answered"][0] > 50
    for name in (*TODAY, "share_in_kcc"):
        above, below = whole[name]
        assert (found[name]["num"], found[name]["den"]) == (above, below), name
    above, below = whole[centre.headline]
    assert found["sl"]["v"] == above / below


def test_parts_add_up_to_the_whole(centre: Centre) -> None:
    board = board_of(centre, DAY - 1)
    board.apply(played(centre)[0])
    found = board.snapshot()
    for name, key in (
        ("offered", "offered"),
        ("answered", "answered"),
        ("abandonment", "abandoned"),
    ):
        whole = found["today"][name]["num"]
        assert sum(found["chart"][key]) == whole
        assert sum(line[name]["num"] for line in found["lines"]) == whole


@pytest.mark.parametrize("minutes", few_of([523, 719, 0, 487, 600, 655, 731, 800], 2))
def test_now_is_what_the_engine_is_in(centre: Centre, minutes: int) -> None:
    now = minutes * 60 * SECOND
    events, engine = played(centre, now)
    board = board_of(centre, now)
    board.apply(events)
    found = board.snapshot()
    waiting = [[me for me in queue if me.kind == ContactKind.CALL] for queue in engine.queues]
    assert [line["n"] for line in found["lines"]] == [len(queue) for queue in waiting]
    joined = [me.joined for queue in waiting for me in queue]
    oldest = (now - min(joined)) / SECOND if joined else None
    assert found["waiting"]["oldest"] == oldest
    there = [agent for agent in engine.agents if agent.there]
    assert found["agents"]["there"] == len(there)
    assert found["agents"]["busy"] == sum(agent.busy for agent in there)
    late = sum(now - at > centre.scenario.norms.threshold * SECOND for at in joined)
    assert found["missed"] == late


def test_order_and_repetition_change_nothing_but_the_count(centre: Centre) -> None:
    events, _ = played(centre, 11 * HOUR)
    plain = board_of(centre, 11 * HOUR)
    plain.apply(events)
    chance = random.Random(5)
    mixed = events + chance.sample(events, len(events) * 3 // 10)
    chance.shuffle(mixed)
    disturbed = board_of(centre, 11 * HOUR)
    disturbed.apply(mixed)
    found, expected = disturbed.snapshot(), plain.snapshot()
    assert found.pop("events") == expected.pop("events") + len(events) * 3 // 10
    assert found == expected


def test_what_cannot_be_applied_is_counted_and_changes_nothing(centre: Centre) -> None:
    events, _ = played(centre, 11 * HOUR)
    plain, disturbed = board_of(centre, 11 * HOUR), board_of(centre, 11 * HOUR)
    plain.apply(events)
    first = events[-1]
    strange = [
        first._replace(topic=10**6),
        first._replace(place=10**4),
        first._replace(contact=-5),
        first._replace(at=-1),
        Event(5, "scenario", Happening.CHANGED),
        Event(5, "call", Happening.QUEUED, 10**9, 0, 0),
        Event(5, "agent", Happening.STATE, agent=0, place=0, code=7),
    ]
    disturbed.apply([*strange, *events])
    found, expected = disturbed.snapshot(), plain.snapshot()
    assert found["rejected"]["n"] == len(strange)
    for key in ("today", "lately", "waiting", "agents", "lines", "chart"):
        assert found[key] == expected[key]


def test_what_the_source_refused_is_counted_too(centre: Centre) -> None:
    refused = Counter({"malformed": 3})
    board = Board(centre, names_of(centre), Still(), read_settings(None), refused)
    refused["not JSON"] += 1
    assert board.snapshot()["rejected"] == {"n": 4, "by": {"malformed": 3, "not JSON": 1}}


def test_agents_the_scenario_does_not_know_take_only_one_figure_away(centre: Centre) -> None:
    events, _ = played(centre, 11 * HOUR)
    board = board_of(centre, 11 * HOUR)
    board.apply(e._replace(agent=e.agent + 5_000) if e.agent >= 0 else e for e in events)
    found = board.snapshot()
    assert found["rejected"]["n"] == 0
    assert found["today"]["answered"]["num"] > 50
    assert found["agents"]["there"] > 0
    assert found["today"]["share_in_kcc"]["v"] is None


def test_a_heartbeat_is_not_rejected(centre: Centre) -> None:
    board = board_of(centre)
    board.apply([Event(5, "stream", Happening.HEARTBEAT)])
    assert board.snapshot()["rejected"]["n"] == 0


def test_a_new_day_starts_from_nothing_but_what_is_open(two_days: Centre) -> None:
    events, engine = played(two_days, 2 * DAY)
    board = board_of(two_days)
    for event in events:
        board.clock.now = event.at  # type: ignore[misc]
        board.apply([event])
        if event.what is Happening.STATE:
            board.snapshot()
    board.clock.now = 2 * DAY - 1  # type: ignore[misc]
    found = board.snapshot()
    log = engine.log()
    second = (log.contacts["kind"] == ContactKind.CALL) & (log.contacts["born"] >= DAY)
    answered = log.contacts["outcome"] == Outcome.DIRECT
    assert found["today"]["answered"]["num"] == (second & answered).sum() > 20
    assert found["rejected"]["n"] == 0
    kept = board._ledger.log()
    assert len(kept.contacts) == (log.contacts["born"] >= DAY).sum()


def test_a_repeated_event_of_yesterday_is_refused(two_days: Centre) -> None:
    events, _ = played(two_days, 2 * DAY)
    board = board_of(two_days, 2 * DAY - 1)
    board.apply(events)
    before = board.snapshot()
    repeated = [event for event in events if event.at < DAY and event.family == "call"]
    board.apply(repeated)
    found = board.snapshot()
    assert found["today"] == before["today"]
    assert found["rejected"]["by"] == {"retired": len(repeated)}


def test_what_waits_over_midnight_stays(centre: Centre) -> None:
    board = board_of(centre, DAY + 10 * SECOND)
    early = DAY - 30 * SECOND
    board.apply([
        Event(early, "agent", Happening.STATE, agent=1, place=0, code=1),
        Event(early, "call", Happening.ARRIVED, 0, topic=0, code=0),
        Event(early, "call", Happening.QUEUED, 0, 0, 0),
    ])  # fmt: skip
    found = board.snapshot()
    assert found["waiting"]["n"] == 1
    assert found["waiting"]["oldest"] == 40.0
    assert found["agents"]["there"] == 1
    assert found["today"]["offered"]["num"] == 0


def test_time_at_the_source_is_never_before_its_last_event(centre: Centre) -> None:
    board = board_of(centre, 5)
    board.apply([Event(700, "agent", Happening.STATE, agent=1, place=0, code=1)])
    assert board.now == 700


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ([], live.NOBODY),
        ([Event(8 * HOUR, "agent", Happening.STATE, agent=0, place=0, code=1)], live.ALL_BUSY),
        (
            [
                Event(8 * HOUR, "agent", Happening.STATE, agent=0, place=0, code=1),
                Event(9 * HOUR, "call", Happening.ARRIVED, 1, topic=0, code=0),
                Event(9 * HOUR, "call", Happening.TALKING, 1, 0, agent=0),
            ],
            live.PHONING,
        ),
    ],
)
def test_a_visitor_waits_for_a_cause(centre: Centre, more: list[Event], cause: str) -> None:
    board = board_of(centre, 9 * HOUR + 75 * SECOND)
    board.apply([
        Event(9 * HOUR, "visit", Happening.ARRIVED, 0, topic=0, code=0),
        Event(9 * HOUR, "visit", Happening.QUEUED, 0, 0, 0),
        *more,
    ])  # fmt: skip
    found = board.snapshot()
    assert found["desk"] == {"n": 1, "oldest": 75.0, "cause": cause}
    assert found["waiting"]["n"] == 0


def test_after_call_work_that_nobody_tells_of_is_about_right_or_not_known(centre: Centre) -> None:
    events, _ = played(centre, 11 * HOUR)
    board = board_of(centre, 11 * HOUR)
    board.apply(events)
    assert board.snapshot()["about"] == []
    board.directory.wrap_up_told = False
    found = board.snapshot()
    assert set(found["about"]) == {"agents.free", "agents.wrap"}
    assert found["agents"]["wrap"] is not None
    silent = board_of(centre, 11 * HOUR)
    silent.directory.wrap_up_told = False
    silent.apply(event for event in events if "wrap" not in event.what.word)
    assert silent.snapshot()["agents"]["wrap"] is None


def test_the_permanence_is_that_of_the_file_until_somebody_changes_it(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "scenarios" / "antwerp.toml"
    scenario = load_scenario(path, None, []).scenario
    centre = Centre(scenario, small_centre(tmp_path).plan)
    board = Board(centre, names_of(centre), Still(HOUR), read_settings(None))
    assert (
        board._permanence()
        == PERMANENCE_WORDS[
            PERMANENCES.index(next(iter(scenario.second_lines.values())).permanence)
        ]
    )
    board.apply([Change(Lever.PERMANENCE, PERMANENCES.index("form"), 0).event(HOUR)])
    assert board._permanence() == "always a form"


@pytest.mark.parametrize(
    ("value", "less", "status"),
    [(0.8, False, "good"), (0.79, False, "warn"), (0.7, False, "warn"), (0.69, False, "bad"),
     (None, False, "none")],
)  # fmt: skip
def test_status_is_measured_at_the_norm(value: float | None, less: bool, status: str) -> None:
    assert Norm(good=0.8, warn=0.7).status(value, less=less) == status


@pytest.mark.parametrize(
    ("value", "status"), [(20, "good"), (21, "warn"), (120, "warn"), (121, "bad")]
)
def test_less_is_better_for_waits(value: float, status: str) -> None:
    assert Norm(good=20, warn=120).status(value, less=True) == status


def test_goal_of_the_centre_goes_before_the_norm_of_the_file(tmp_path: Path) -> None:
    settings = board_of(small_centre(tmp_path, "norms.goal=0.6")).settings
    assert settings.status("service_level", 0.6) == "good"
    assert settings.status("service_level", 0.59) == "warn"
    assert settings.norms["service_level"].name == ""


def test_a_scorecard_of_the_centre_goes_before_the_norms_that_come_with_simkcc(
    tmp_path: Path,
) -> None:
    card = '[{items=[{metric="sl2", at_least=0.9}, {metric="asa", at_most=30.0}]}]'[1:-1]
    settings = board_of(small_centre(tmp_path, f"own_scorecards.town={card}")).settings
    assert settings.norms["service_level"].good == 0.9
    assert [settings.status("asa", value) for value in (30.0, 30.1)] == ["good", "bad"]
    assert settings.norms["accessibility"].name == "VDP"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "boards: Field required"),
        ("[boards.a]\nlarge = ['clock']", "boards.a.large: 'clock'; it can be waiting"),
        ("[boards.a]\nlarge = 3", "boards.a.large"),
        ("[boards.a]\n[norms.beauty]\ngood=1\nwarn=1", "norms: 'beauty'"),
        ("[boards.a]\ntitle.tlh='Qap'", "boards.a.title: 'tlh'; it can be nl"),
        ("[boards", "Expected ']'"),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "boards.toml"
    path.write_text(text)
    with pytest.raises(SettingError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
