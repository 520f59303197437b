"""Time that runs only while hours are open. Written once and used by both engines."""

import numpy as np

from simkcc.model.contact_log import FOREVER, NONE
from simkcc.model.steps import Pause
from simkcc.routing.compiled import compiled, inlined, this


@compiled
def first_span_ending_after(spans, first, last, now):
    """Return the first row of spans[first:last] that ends after `now`; `last` if there is none."""
    while first < last:
        middle = (first + last) // 2
        if spans[this(middle)]["end"] > now:
            last = middle
        else:
            first = middle + 1
    return first


@compiled
def open_time_later(spans, first, last, now, amount):
    """Return the moment by which `amount` of open time has passed since `now`.

    Nothing left to pass means now if it is open, else the next opening. FOREVER if the hours end
    before.
    """
    row = first_span_ending_after(spans, first, last, now)
    while row < last:
        start = max(spans[this(row)]["start"], now)
        if start + amount <= spans[this(row)]["end"]:
            return start + amount
        amount -= spans[this(row)]["end"] - start
        row += 1
    return FOREVER


@compiled
def open_time_between(spans, first, last, start, end):
    """Return how much open time there is from `start` to `end`."""
    total = np.int64(0)
    row = first_span_ending_after(spans, first, last, start)
    while row < last and spans[this(row)]["start"] < end:
        total += min(spans[this(row)]["end"], end) - max(spans[this(row)]["start"], start)
        row += 1
    return total


@compiled
def dated_pause(pause, since, now, day):
    """Return the pause that is left at `now` of a dated one that began at `since`.

    A uniform moment that did not come yet is uniform over what is left of its day.
    """
    if pause == Pause.NEXT_DAY and now // day == since // day:
        return Pause.NEXT_DAY
    return Pause.LATER_TODAY


@compiled
def closing_after(spans, first, last, now, days, day):
    """Return the closing time of the `days`-th next open day after the day of `now`.

    0 is the closing of today, or of the next open day if it is closed by now.
    """
    row = first_span_ending_after(spans, first, last, now)
    today = now // day
    left = days
    while row < last:
        date = spans[this(row)]["start"] // day
        if days == 0 or date > today:
            while row + 1 < last and spans[this(row + 1)]["start"] // day == date:
                row += 1
            if left <= 1:
                return spans[this(row)]["end"]
            left -= 1
        row += 1
    return FOREVER


@compiled
def open_time_of_date(spans, row, last, now, day):
    """Return the open time from `now` on within the date of spans[this(row)]."""
    date = spans[this(row)]["start"] // day
    total = np.int64(0)
    while row < last and spans[this(row)]["start"] // day == date:
        total += spans[this(row)]["end"] - max(spans[this(row)]["start"], now)
        row += 1
    return total


@compiled
def uniform_moment(spans, first, last, now, u, day, today, tick=1):
    """Return a uniform open moment of today after `now`, else (or if not `today`) of the next day."""
    row = first_span_ending_after(spans, first, last, now)
    if not today or (row < last and spans[this(row)]["start"] // day != now // day):
        while row < last and spans[this(row)]["start"] // day == now // day:
            row += 1
    if row >= last:
        return FOREVER
    start = max(now, spans[this(row)]["start"])
    amount = np.int64(np.rint(u * open_time_of_date(spans, row, last, now, day) / tick)) * tick
    return open_time_later(spans, row, last, start, amount)


@inlined
def pause_end(spans, first, last, now, pause, amount, u, day, tick=1):
    """Return when a delay ends. amount: drawn duration; u: uniform of the two dated pauses."""
    if pause == Pause.WORKING:
        return open_time_later(spans, first, last, now, amount)
    if pause == Pause.LATER_TODAY:
        return uniform_moment(spans, first, last, now, u, day, True, tick)
    if pause == Pause.NEXT_DAY:
        return uniform_moment(spans, first, last, now, u, day, False, tick)
    return now + amount


@compiled
def due_time(hours, spans, calendar, now, days, day):
    """Return when a task of `days` working days, written down now, is due; NONE if it never is."""
    if days == NONE:
        return np.int64(NONE)
    row = hours[this(calendar)]
    return np.int64(closing_after(spans, row["first"], row["last"], now, days, day))
