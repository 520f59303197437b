"""The lessons: predict, then see two runs on the same callers, one of them followed through both."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.metrics import METRICS
from simkcc.dashboard import now as live
from simkcc.dashboard.figures import Centre, ratio
from simkcc.dashboard.lab_theory import Theory, theory_of
from simkcc.engine.compile import compile_plan
from simkcc.engine.runs import play
from simkcc.model.contact_log import (
    DAY,
    FOREVER,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    LegKind,
    Origin,
)
from simkcc.model.files import load_scenario
from simkcc.model.part import Part
from simkcc.model.words import Words

FOLDER = files("simkcc.dashboard") / "lessons"

MINUTE = 60 * SECOND
STEP = 2 * MINUTE
"""Between two points of the curve of a day."""

LONG_STEP = 2 * 3600 * SECOND
"""Between two points of a curve of the whole horizon."""

LAST = 5 * DAY
"""Over so much of the end the tasks that are open are averaged."""

TASKS = (ContactKind.CALLBACK, ContactKind.FORM)

FORMS = {"sl2": "share", "menu_abandonment": "share", "open": "count"}
"""How a figure is written; the others are times."""


class Choice(Part):
    """What the class may predict: a figure of B over that of A, between two bounds."""

    nl: str
    en: str
    least: Annotated[float, Field(alias="from")]
    most: Annotated[float, Field(alias="to")]


class Lesson(Part):
    """One lesson; its two runs are the variants a and b of the scenario of its name."""

    name: str
    figure: str
    """What is predicted: a metric, or `open`, the tasks open in the last five days."""
    also: tuple[str, ...] = ()
    """Further figures that are shown then."""
    parts: tuple[str, ...] = ()
    """Queues for which the figure is shown apart."""
    curve: str = "waiting"
    """`waiting`: callers in queues over one day; `open`: open tasks over the whole horizon."""
    follow: str = "call"
    """Who is followed: a call or a task."""
    title: Words
    story: Words
    question: Words
    theory: Words
    axis: Words
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Run:
    """One of the two runs of a lesson."""

    centre: Centre
    log: ContactLog
    title: Words

    def figure(self, name: str, queue: str = "") -> float | None:
        """Return a figure of the whole run, or of the calls of one queue."""
        if name == "open":
            until = int(self.centre.plan.settings[0]["until"])
            return float(self.open_tasks(np.arange(until - LAST, until, LONG_STEP)).mean())
        plan = self.centre.plan
        window, rules = self.centre.counting(0, FOREVER, len(plan.topics))
        calls = Calls(LogColumns(self.log), plan, window)
        above, below = METRICS[name].function(calls, rules)
        if queue:
            mine = calls.queue == plan.queue_names.index(queue)
            above, below = above[mine], below[mine]
        value: float | None = ratio((above, below))["v"]
        return value

    def open_tasks(self, moments: np.ndarray) -> np.ndarray:
        """Return how many tasks were open at each moment."""
        tasks = self.log.contacts[np.isin(self.log.contacts["kind"], TASKS)]
        ends = np.sort(tasks["ended"][tasks["ended"] != NONE])
        begun = np.searchsorted(np.sort(tasks["born"]), moments, side="right")
        return np.asarray(begun - np.searchsorted(ends, moments, side="right"))


@cache
def lessons() -> dict[str, Lesson]:
    """Return the lessons by name, in order."""
    found = tomllib.loads((FOLDER / "lessons.toml").read_text("utf-8"))["lessons"]
    return {each["name"]: Lesson.model_validate(each) for each in found}


@cache
def played(name: str) -> dict[str, Any]:
    """Return what the page shows of a lesson once it is played; worked out once."""
    lesson = lessons()[name]
    first, second = (_run(name, variant) for variant in ("a", "b"))
    names = (lesson.figure, *lesson.also)
    values = [run.figure(lesson.figure) or 0.0 for run in (first, second)]
    quotient = values[1] / values[0] if values[0] else float("inf")
    theory: Theory = theory_of(name)
    return {
        "titles": [_words(first.title), _words(second.title)],
        "figures": [
            {"name": each, "form": FORMS.get(each, "time"), "queue": "",
             "values": [first.figure(each), second.figure(each)]}
            for each in names
        ] + [
            {"name": lesson.figure, "form": FORMS.get(lesson.figure, "time"), "queue": queue,
             "values": [first.figure(lesson.figure, queue), second.figure(lesson.figure, queue)]}
            for queue in lesson.parts
        ],
        "quotient": quotient,
        "right": right_choice(lesson, quotient),
        "curve": _curves(lesson, first, second),
        "followed": followed(lesson, first, second),
        "theory": {"x": theory.x, "curves": theory.curves, "points": theory.points,
                   "form": theory.form},
    }  # fmt: skip


def right_choice(lesson: Lesson, quotient: float) -> int:
    """Return which choice is right, if B's figure is so many times that of A."""
    return next(
        number for number, choice in enumerate(lesson.choices)
        if choice.least <= quotient < choice.most
    )  # fmt: skip


def _run(name: str, variant: str) -> Run:
    scenario = load_scenario(Path(str(FOLDER / f"{name}.toml")), variant).scenario
    plan = compile_plan(scenario).seeded(scenario.seed, 0)
    return Run(Centre(scenario, plan), play(plan), scenario.title)


def _words(words: Words) -> dict[str, str]:
    return {"nl": words.nl, "en": words.en}


def _curves(lesson: Lesson, first: Run, second: Run) -> dict[str, Any]:
    """Return both curves: minutes of a day, or days of the horizon."""
    if lesson.curve == "open":
        until = int(first.centre.plan.settings[0]["until"])
        moments = np.arange(0, until, LONG_STEP)
        a, b = first.open_tasks(moments), second.open_tasks(moments)
        return {"unit": "day", "x": (moments / DAY).tolist(), "a": a.tolist(), "b": b.tolist()}
    day = _telling_day(first, second)
    opens, closes = (int(first.centre.plan.spans[0][end]) for end in ("start", "end"))
    moments = day * DAY + np.arange(opens, closes + STEP, STEP)
    a, b = (live.waiting_over(run.log, moments) for run in (first, second))
    x = (moments - day * DAY) / MINUTE
    return {"unit": "minute", "x": x.tolist(), "a": a.tolist(), "b": b.tolist()}


def _telling_day(first: Run, second: Run) -> int:
    """Return the day whose mean waiting is nearest to that of all days, in both runs."""
    days = int(first.centre.plan.settings[0]["n_days"])
    inside = np.arange(days * 48) * 30 * MINUTE
    means = [
        live.waiting_over(run.log, inside).reshape(days, 48).mean(axis=1)
        for run in (first, second)
    ]  # fmt: skip
    off = sum(np.abs(mean - mean.mean()) / (mean.mean() + 1e-9) for mean in means)
    return int(np.argmin(off))


# ------------------------------------------------------------------ one caller in both runs


def followed(lesson: Lesson, first: Run, second: Run) -> dict[str, Any]:
    """Return somebody who is in both runs, for whom the difference is plain to see."""
    rows = [_followable(lesson, run) for run in (first, second)]
    shared = sorted(set(rows[0]) & set(rows[1]))
    gaps = np.array([rows[1][key][1] - rows[0][key][1] for key in shared], float)
    wanted = np.percentile(gaps, 90 if gaps.mean() >= 0 else 10)
    key = shared[int(np.argmin(np.abs(gaps - wanted)))]
    serials = [rows[side][key][0] for side in (0, 1)]
    born = [int(run.log.contacts["born"][serial]) for run, serial in
            zip((first, second), serials, strict=True)]  # fmt: skip
    topic = int(first.log.contacts["topic"][serials[0]])
    return {
        "at": born[0] % DAY, "day": born[0] // DAY + 1, "topic": first.centre.plan.topics[topic],
        "task": lesson.follow == "task", "key": f"{key:016x}",
        "stays": [_stays(run.log, serial) for run, serial in
                  zip((first, second), serials, strict=True)],
    }  # fmt: skip


def _followable(lesson: Lesson, run: Run) -> dict[int, tuple[int, int]]:
    """Return by key who can be followed: the serial, and how long until somebody spoke to it."""
    contacts = run.log.contacts
    if lesson.follow == "task":
        chosen = np.isin(contacts["kind"], TASKS) & (contacts["ended"] != NONE)
        until = contacts["ended"] - contacts["born"]
    else:
        chosen = (contacts["kind"] == ContactKind.CALL) & (contacts["origin"] == Origin.FIRST)
        talks = run.log.legs[run.log.legs["kind"] == LegKind.TALK]
        until = np.full(len(contacts), NONE)
        until[talks["contact"][::-1]] = (
            talks["start"][::-1] - contacts["born"][talks["contact"]][::-1]
        )
        chosen &= until != NONE
    return {
        int(contacts["truth_key"][serial]): (int(serial), int(until[serial]))
        for serial in np.flatnonzero(chosen)
    }


STAYS = {
    LegKind.MENU: "menu", LegKind.QUEUE: "wait", LegKind.TALK: "talk", LegKind.DELAY: "rest",
    LegKind.RING: "ring", LegKind.HOLD: "hold", LegKind.CONSULT: "consult",
    LegKind.HANDOVER: "consult",
}  # fmt: skip


def _stays(log: ContactLog, serial: int) -> list[dict[str, Any]]:
    """Return where a contact was, in seconds from its birth."""
    born = int(log.contacts["born"][serial])
    legs = log.legs[(log.legs["contact"] == serial) & (log.legs["kind"] != LegKind.WRAP)]
    return [
        {"kind": STAYS[LegKind(leg["kind"])], "from": (int(leg["start"]) - born) / SECOND,
         "to": (int(leg["end"]) - born) / SECOND}
        for leg in legs if leg["end"] > leg["start"]
    ]  # fmt: skip
