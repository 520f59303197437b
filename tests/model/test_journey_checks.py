"""Journeys written by hand that an engine could not end, or in which an agent would be forgotten."""

import pytest

from simkcc.model.journey import JourneyStep
from simkcc.model.journey_checks import Journey, lonely_consult, third_agent, timeless_circle

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


@pytest.mark.parametrize(("first", "found"), [("ring", "ring"), ("first", None)])
def test_a_consult_needs_somebody_on_the_line(first: str, found: str | None):
    steps = {
        "first": queue("ring"),
        "ring": JourneyStep(step="consult", queue="experts", done="end", other="end"),
        "end": END,
    }
    journey: Journey = {first: steps[first]} | steps
    assert lonely_consult(journey) == found
