"""Working time: cases on a calendar with lunch and holidays, and an oracle minute by minute."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan, hours_dtype, span_dtype
from simkcc.engine.working_time import (
    closing_after,
    due_time,
    first_span_ending_after,
    open_time_later,
    pause_end,
    uniform_moment,
)
from simkcc.model.contact_log import DAY, FOREVER, NONE, SECOND
from simkcc.model.scenario import Scenario
from simkcc.model.steps import Pause

MINUTE = 60 * SECOND
MONDAY = datetime.datetime(2024, 3, 4)
NEVER = "never"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a plan of two months from Monday 4 March 2024; Easter Monday is 1 April."""
    return compile_plan(Scenario.model_validate({
        "horizon": {"start": "2024-03-04", "days": 5},
        "calendar": {"country": "BE", "holidays": ["2024-03-20"]},
        "hours": {
            "open": {"weekdays": ["08:00-17:00"]},
            "lunch": {"weekdays": ["09:00-12:00", "13:00-17:00"], "fri": ["09:00-12:00"]},
            "all days": {"daily": ["10:00-11:00", "11:00-12:00"], "on_holidays": True},
            "never": {"mon": []},
        },
        "topics": {"a": {"arrivals": [], "handling": {"aht": 60}}},
        "queues": {"a": {"routes": [{"group": "a"}]}},
        "groups": {"a": {"agents": 1}},
    }))  # fmt: skip


def moment(text: str) -> int:
    """Return microseconds since Monday 4 March 2024 of `8/3 16:55`."""
    if text == NEVER:
        return FOREVER
    day, clock = text.split()
    date, month = day.split("/")
    hours, minutes = clock.split(":")
    start = datetime.datetime(2024, int(month), int(date))
    return (start - MONDAY).days * DAY + (int(hours) * 60 + int(minutes)) * MINUTE


def rows(plan: Plan, name: str) -> tuple[np.ndarray, int, int]:
    row = plan.hours[plan.hours_names.index(name)]
    return plan.spans, int(row["first"]), int(row["last"])


@pytest.mark.parametrize(
    ("hours", "now", "days", "due"),
    [
        ("open", "8/3 16:55", 2, "12/3 17:00"),
        ("open", "8/3 16:55", 0, "8/3 17:00"),
        ("open", "8/3 16:55", 1, "11/3 17:00"),
        ("open", "8/3 17:00", 0, "11/3 17:00"),
        ("open", "8/3 17:00", 2, "12/3 17:00"),
        ("open", "8/3 23:59", 1, "11/3 17:00"),
        ("open", "9/3 12:00", 0, "11/3 17:00"),
        ("open", "9/3 12:00", 2, "12/3 17:00"),
        ("open", "11/3 07:00", 0, "11/3 17:00"),
        ("open", "11/3 07:00", 1, "12/3 17:00"),
        ("open", "19/3 16:00", 1, "21/3 17:00"),
        ("open", "20/3 10:00", 0, "21/3 17:00"),
        ("open", "20/3 10:00", 1, "21/3 17:00"),
        ("open", "29/3 16:00", 1, "2/4 17:00"),
        ("open", "29/3 16:00", 2, "3/4 17:00"),
        ("lunch", "7/3 12:30", 0, "7/3 17:00"),
        ("lunch", "7/3 12:30", 1, "8/3 12:00"),
        ("lunch", "8/3 12:30", 0, "11/3 17:00"),
        ("lunch", "8/3 11:00", 2, "12/3 17:00"),
        ("all days", "29/3 16:00", 2, "31/3 12:00"),
        ("all days", "30/3 10:30", 0, "30/3 12:00"),
        ("never", "8/3 16:55", 0, NEVER),
        ("never", "8/3 16:55", 2, NEVER),
        ("open", "8/3 16:55", 5000, NEVER),
    ],
)
def test_task_is_due_at_the_closing_of_the_working_day(
    plan: Plan, hours: str, now: str, days: int, due: str
) -> None:
    assert closing_after(*rows(plan, hours), moment(now), days, DAY) == moment(due)
    index = plan.hours_names.index(hours)
    found = due_time(plan.hours, plan.spans, index, moment(now), days, DAY)
    assert found == moment(due)


def test_task_without_a_term_is_never_due(plan: Plan) -> None:
    assert due_time(plan.hours, plan.spans, 0, moment("8/3 16:55"), NONE, DAY) == NONE


@pytest.mark.parametrize(
    ("hours", "now", "minutes", "then"),
    [
        ("open", "8/3 16:55", 0, "8/3 16:55"),
        ("open", "8/3 16:55", 5, "8/3 17:00"),
        ("open", "8/3 16:55", 6, "11/3 08:01"),
        ("open", "8/3 17:00", 0, "11/3 08:00"),
        ("open", "8/3 18:00", 0, "11/3 08:00"),
        ("open", "8/3 07:00", 60, "8/3 09:00"),
        ("open", "8/3 16:00", 60 + 540 + 1, "12/3 08:01"),
        ("open", "19/3 16:59", 2, "21/3 08:01"),
        ("open", "29/3 16:59", 2, "2/4 08:01"),
        ("lunch", "7/3 11:50", 10, "7/3 12:00"),
        ("lunch", "7/3 11:50", 20, "7/3 13:10"),
        ("lunch", "7/3 12:15", 0, "7/3 13:00"),
        ("lunch", "8/3 11:50", 20, "11/3 09:10"),
        ("all days", "30/3 10:30", 60, "30/3 11:30"),
        ("all days", "30/3 10:30", 120, "31/3 10:30"),
        ("never", "8/3 16:55", 0, NEVER),
        ("open", "8/3 16:55", 10_000_000, NEVER),
    ],
)
def test_working_time_passes_only_while_hours_are_open(
    plan: Plan, hours: str, now: str, minutes: int, then: str
) -> None:
    amount = minutes * MINUTE
    assert open_time_later(*rows(plan, hours), moment(now), amount) == moment(then)
    found = pause_end(*rows(plan, hours), moment(now), Pause.WORKING, amount, 0.5, DAY)
    assert found == moment(then)


def test_plain_pause_passes_by_the_clock(plan: Plan) -> None:
    found = pause_end(*rows(plan, "open"), moment("8/3 16:55"), Pause.PLAIN, 90 * MINUTE, 0.5, DAY)
    assert found == moment("8/3 18:25")


@pytest.mark.parametrize(
    ("hours", "now", "u", "later_today", "next_day"),
    [
        ("open", "8/3 16:00", 0.5, "8/3 16:30", "11/3 12:30"),
        ("open", "8/3 07:00", 0.5, "8/3 12:30", "11/3 12:30"),
        ("open", "8/3 17:00", 0.5, "11/3 12:30", "11/3 12:30"),
        ("open", "9/3 10:00", 0.0, "11/3 08:00", "11/3 08:00"),
        ("open", "9/3 10:00", 1.0, "11/3 17:00", "11/3 17:00"),
        ("open", "29/3 17:30", 0.5, "2/4 12:30", "2/4 12:30"),
        ("lunch", "7/3 11:00", 0.5, "7/3 14:30", "8/3 10:30"),
        ("lunch", "7/3 12:30", 0.0, "7/3 13:00", "8/3 09:00"),
        ("lunch", "7/3 12:30", 0.25, "7/3 14:00", "8/3 09:45"),
        ("never", "7/3 12:30", 0.25, NEVER, NEVER),
    ],
)
def test_dated_pauses_end_at_a_uniform_moment_of_open_time(
    plan: Plan, hours: str, now: str, u: float, later_today: str, next_day: str
) -> None:
    place = rows(plan, hours)
    assert pause_end(*place, moment(now), Pause.LATER_TODAY, 0, u, DAY) == moment(later_today)
    assert pause_end(*place, moment(now), Pause.NEXT_DAY, 0, u, DAY) == moment(next_day)


# ---------------------------------------------------------------------------------------------
# an oracle

DAY_LENGTH = 12
"""Minutes of a day in what follows: short, so that everything meets."""
DAYS = 5


@st.composite
def calendars(draw: st.DrawFn) -> np.ndarray:
    """Return spans of some short days, each within its day; they may touch."""
    spans = []
    for day in range(DAYS):
        edges = sorted(draw(st.sets(st.integers(0, DAY_LENGTH), max_size=4)))
        ends = edges[: len(edges) // 2 * 2]
        pairs = list(zip(ends[::2], ends[1::2], strict=True))
        if pairs and draw(st.booleans()) and pairs[0][1] - pairs[0][0] > 1:
            low, high = pairs[0]
            pairs[:1] = [(low, low + 1), (low + 1, high)]
        spans += [(day * DAY_LENGTH + low, day * DAY_LENGTH + high) for low, high in pairs]
    return np.array(spans, span_dtype)


def open_minutes(spans: np.ndarray) -> set[int]:
    return {minute for start, end in spans.tolist() for minute in range(start, end)}


def later(spans: np.ndarray, now: int, amount: int) -> int:
    """Return what open_time_later should, by walking."""
    minutes, spent = open_minutes(spans), 0
    for minute in range(now, DAYS * DAY_LENGTH + 1):
        if spent == amount and (minute in minutes or amount > 0):
            return minute
        spent += minute in minutes
    return FOREVER


nows = st.integers(0, DAYS * DAY_LENGTH + 2)
oracle = settings(deadline=None, max_examples=3 * settings.default.max_examples)


@oracle
@given(calendars(), nows, st.integers(0, 30))
def test_open_time_is_that_of_walking_minute_by_minute(
    spans: np.ndarray, now: int, amount: int
) -> None:
    assert open_time_later(spans, 0, len(spans), now, amount) == later(spans, now, amount)


@oracle
@given(calendars(), nows, st.integers(0, 6))
def test_closing_is_that_of_walking_day_by_day(spans: np.ndarray, now: int, days: int) -> None:
    closings = {minute // DAY_LENGTH: minute + 1 for minute in sorted(open_minutes(spans))}
    if days == 0:
        left = [closing for closing in closings.values() if closing > now]
    else:
        left = [closing for day, closing in closings.items() if day > now // DAY_LENGTH]
    wanted = left[max(days, 1) - 1] if len(left) >= max(days, 1) else FOREVER
    assert closing_after(spans, 0, len(spans), now, days, DAY_LENGTH) == wanted


@oracle
@given(calendars(), nows, st.floats(0, 1), st.booleans())
def test_uniform_moment_is_that_of_listing_the_open_minutes(
    spans: np.ndarray, now: int, u: float, today: bool
) -> None:
    left = sorted(m for m in open_minutes(spans) if m >= now)
    if not today:
        left = [m for m in left if m // DAY_LENGTH > now // DAY_LENGTH]
    first = left[0] // DAY_LENGTH if left else NONE
    same = [minute for minute in left if minute // DAY_LENGTH == first]
    amount = round(u * len(same))
    wanted = FOREVER
    if same:
        wanted = same[amount - 1] + 1 if amount else same[0]
    assert uniform_moment(spans, 0, len(spans), now, u, DAY_LENGTH, today) == wanted


@oracle
@given(calendars(), nows, st.data())
def test_only_the_rows_of_a_calendar_are_looked_at(
    spans: np.ndarray, now: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(spans)))
    last = data.draw(st.integers(first, len(spans)))
    inside = spans[first:last]
    found = first_span_ending_after(spans, first, last, now)
    assert found == first + sum(bool(end <= now) for end in inside["end"])
    hours = np.array([(first, last)], hours_dtype)
    assert due_time(hours, spans, 0, now, 1, DAY_LENGTH) == closing_after(
        inside.copy(), 0, len(inside), now, 1, DAY_LENGTH
    )
