"""Journeys written by hand that an engine could not end, or in which an agent would be forgotten."""

import pytest

from simkcc.model.journey import JourneyStep
from simkcc.model.journey_checks import Journey, lonely, third_agent, timeless_circle

END = JourneyStep(step="end")


def queue(done: str) -> JourneyStep:
    return JourneyStep(step="queue", queue="kcc", done=done, other="end", third="end")


def test_a_task_that_gives_birth_to_itself_is_a_circle_without_time():
    endless = JourneyStep(step="spawn", child="callback", child_starts="again", done="end")
    assert timeless_circle({"again": endless, "end": END}) == ["again"]


def test_redials_are_limited_and_so_no_circle():
    limited = JourneyStep(step="spawn", child="redial", child_starts="again", done="end")
    assert timeless_circle({"again": limited, "end": END}) == []


@pytest.mark.parametrize(("between", "found"), [("third", "third"), ("wrap", None)])
def test_two_agents_are_the_most_on_a_line(between: str, found: str | None):
    journey: Journey = {
        "first": queue("second"),
        "second": queue(between),
        "wrap": JourneyStep(step="wrap", done="third"),
        "third": queue("end"),
        "end": END,
    }
    assert third_agent(journey) == found


@pytest.mark.parametrize(("first", "found"), [("ring", ["ring"]), ("first", [])])
def test_a_consult_needs_somebody_on_the_line(first: str, found: list[str]):
    steps = {
        "first": queue("ring"),
        "ring": JourneyStep(step="consult", queue="experts", done="end", other="end"),
        "end": END,
    }
    journey: Journey = {first: steps[first]} | steps
    assert lonely(journey) == found


@pytest.mark.parametrize(
    ("release", "found"), [("talk", []), ("wrap", ["talk"]), ("end", ["talk"])]
)  # fmt: skip
def test_a_talk_needs_an_agent_on_every_way_to_it(release: str, found: list[str]):
    gave_up = "talk" if release == "end" else "end"
    journey: Journey = {
        "wait": queue("wrap" if release == "wrap" else "talk").model_copy(
            update={"other": gave_up}
        ),
        "wrap": JourneyStep(step="wrap", done="talk"),
        "talk": JourneyStep(step="talk", duration=60, done="end"),
        "end": END,
    }
    assert lonely(journey) == found
