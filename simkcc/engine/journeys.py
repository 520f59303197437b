"""The scenario's words — menu, second line, permanence, callbacks — lowered to rows of steps.

Rows are made from the end backwards: a step knows the rows it leads to. Nothing after this file
knows what a permanence is.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from simkcc.engine.chance import Purpose
from simkcc.engine.plan import exit_dtype, step_dtype
from simkcc.engine.samplers import Samplers, mean_of
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE, ContactKind, Origin, Outcome
from simkcc.model.demand import Redial, Topic
from simkcc.model.handling import Handling
from simkcc.model.journey import JourneyStep, Pause, Phase, Release, StepKind
from simkcc.model.menu import Menu
from simkcc.model.referral import Callback, SecondLine
from simkcc.model.scenario import Scenario

Exits = list[tuple[float, int]]
"""(share, step) of each way on."""

OUTCOMES = {outcome.name.lower(): outcome for outcome in Outcome}


@dataclass
class Rows:
    """Steps and exits as they are collected."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    exits: list[tuple[float, int]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def reserve(self, label: str) -> int:
        """Return the index of a step that is said later: for circles."""
        self.steps.append({})
        self.labels.append(label)
        return len(self.steps) - 1

    def fill(self, index: int, kind: StepKind, **columns: Any) -> int:
        """Say what a reserved step is."""
        exits = {name: columns.pop(name) for name in ("done", "other", "third", "fourth") if name in columns}
        row: dict[str, Any] = dict.fromkeys(step_dtype.names or (), NONE)
        row |= {"kind": kind, "share": 1.0, "factor": 1.0, "number": 0, "mode": 0, "hours": 0}
        row |= {"purpose": Purpose.BRANCH, "rival_purpose": Purpose.BRANCH}
        row |= {"exit_purpose": Purpose.BRANCH} | columns
        row |= {name: self.lead_to(ways) for name, ways in exits.items()}
        self.steps[index] = row
        return index

    def add(self, label: str, kind: StepKind, **columns: Any) -> int:
        """Add a step; return its index. Exits are a step, or a list of (share, step)."""
        return self.fill(self.reserve(label), kind, **columns)

    def lead_to(self, ways: int | Exits) -> int:
        """Add exits; return the first row. Ways of share zero are left out."""
        if isinstance(ways, int):
            ways = [(1.0, ways)]
        ways = [(share, step) for share, step in ways if share > 1e-15]
        first, below = len(self.exits), 0.0
        for share, step in ways:
            below += share
            self.exits.append((below, step))
        self.exits[-1] = (1.0, self.exits[-1][1])
        return first

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables of the plan."""
        steps = np.zeros(len(self.steps), step_dtype)
        for index, row in enumerate(self.steps):
            for name, value in row.items():
                steps[index][name] = value
        return {"steps": steps, "exits": np.array(self.exits, exit_dtype)}


@dataclass
class Journeys:
    """Lowers the journeys of a scenario; one method for each of its words."""

    scenario: Scenario
    samplers: Samplers
    queues: dict[str, int]
    hours: dict[str, int]
    rows: Rows = field(default_factory=Rows)

    # ----------------------------------------------------------------- ends

    def end(self, outcome: Outcome) -> int:
        """Return the step at which a contact ends with an outcome."""
        return self._ends[outcome]

    @cached_property
    def _ends(self) -> dict[Outcome, int]:
        return {
            outcome: self.rows.add(outcome.name.lower(), StepKind.END, target=outcome)
            for outcome in Outcome
            if outcome != Outcome.OPEN
        }

    def dist(self, duration: parts.Duration | None) -> int:
        """Return the index of a distribution."""
        return self.samplers.add(duration)

    def hours_of(self, name: str) -> int:
        """Return the index of hours; `open` that is not defined is around the clock."""
        return self.hours.get(name, 0)

    # ----------------------------------------------------------------- calls

    def call(self, name: str) -> tuple[int, int]:
        """Lower the journey of calls about a topic; return (first step, first step of a probe)."""
        topic = self.scenario.topics[name]
        if topic.journey is not None:
            start = self.by_hand(topic.journey)
            return start, start
        enter = self.rows.reserve(f"{name}: dial in")
        again = self.redial_start(name, enter)
        repeat = self.rows.reserve(f"{name}: dial in again, unresolved")
        late = self.repeat_start(name, repeat)
        self.entrance(name, enter, again, self.reception(name, 1.0, again, late))
        factor = self.scenario.repeat.handling_factor if self.scenario.repeat else 1.0
        handled = self.reception(name, factor, again, late)
        self.entrance(name, repeat, again, handled)
        return enter, self.probe(name)

    def redial_start(self, name: str, enter: int) -> int:
        """Lower when a caller who gave up dials again; NONE if nobody does."""
        redial = self.scenario.redial
        if redial is None:
            return NONE
        hours = self.hours_of("open")

        def later(label: str, pause: Pause, dist: int = NONE) -> int:
            return self.rows.add(
                f"{name}: again {label}", StepKind.DELAY, mode=pause, dist=dist, hours=hours,
                purpose=Purpose.DELAY, done=enter,
            )  # fmt: skip

        delay = redial.delay
        ways = [
            (delay.soon, later("soon", Pause.PLAIN, self.dist(delay.soon_after))),
            (delay.later_today, later("later today", Pause.LATER_TODAY)),
            (1 - delay.soon - delay.later_today, later("next day", Pause.NEXT_DAY)),
        ]
        return self.rows.add(
            f"{name}: when again", StepKind.BRANCH, exit_purpose=Purpose.DELAY, done=ways
        )

    def repeat_start(self, name: str, enter: int) -> int:
        """Lower when an unresolved question comes back; NONE if none does."""
        repeat = self.scenario.repeat
        if repeat is None:
            return NONE
        return self.rows.add(
            f"{name}: until it comes back", StepKind.DELAY, mode=Pause.WORKING,
            dist=self.dist(repeat.after), hours=self.hours_of(repeat.hours), purpose=Purpose.DELAY,
            done=enter,
        )  # fmt: skip

    def give_up(self, name: str, outcome: Outcome, again: int, share: float) -> int:
        """Lower the end of a call that failed, with the share that dials again."""
        end = self.end(outcome)
        redial = self.scenario.redial
        if redial is None or share == 0:
            return end
        child = self.rows.add(
            f"{name}: redial", StepKind.SPAWN, mode=Origin.REDIAL, target=again,
            number=redial.at_most, share=1.0 if redial.patience == "keep" else 0.0, done=end,
        )  # fmt: skip
        return self.rows.add(
            f"{name}: redial?", StepKind.BRANCH, exit_purpose=Purpose.REDIAL,
            done=[(share, child), (1 - share, end)],
        )  # fmt: skip

    def unresolved(self, name: str, outcome: Outcome, share: float, late: int) -> int:
        """Lower the end of an answered call of which `share` was not resolved."""
        end = self.end(outcome)
        repeat = self.scenario.repeat
        if repeat is None or share == 0:
            return end
        open_end = self.end(Outcome.UNRESOLVED) if outcome == Outcome.DIRECT else end
        child = self.rows.add(
            f"{name}: comes back", StepKind.SPAWN, mode=Origin.REPEAT, target=late,
            number=repeat.at_most, done=open_end,
        )  # fmt: skip
        returns = self.rows.add(
            f"{name}: comes back?", StepKind.BRANCH, exit_purpose=Purpose.REPEAT,
            done=[(repeat.share, child), (1 - repeat.share, open_end)],
        )  # fmt: skip
        return self.rows.add(
            f"{name}: resolved?", StepKind.BRANCH, exit_purpose=Purpose.RESOLVED,
            done=[(share, returns), (1 - share, end)],
        )  # fmt: skip

    def entrance(self, name: str, enter: int, again: int, queue: int) -> None:
        """Lower dialling in and the menu, up to the queue."""
        topic, redial = self.scenario.topics[name], self.scenario.redial or Redial(share=0.0)
        menu = self.scenario.menu if topic.uses_menu else None
        exits: int | Exits = queue
        if menu is not None:
            lost = self.give_up(name, Outcome.ABANDONED_MENU, again, redial.after_menu)
            exits = self.menu_ways(name, menu, queue, lost, again)
        self.rows.fill(
            enter, StepKind.ENTER, hours=self.hours_of(topic.hours or "open"),
            exit_purpose=Purpose.CHOICE, done=exits,
            other=self.give_up(name, Outcome.CLOSED, again, redial.after_closed),
            third=self.give_up(name, Outcome.BLOCKED, again, redial.after_blocked),
        )  # fmt: skip

    # ----------------------------------------------------------------- the menu

    def menu_ways(self, name: str, menu: Menu, queue: int, lost: int, again: int) -> Exits:
        """Lower the menu: who chooses early, at the end, or late, and how well."""
        length = menu.complete_seconds
        hang_up = menu.hang_up_after
        if menu.hang_up > 0:
            hang_up = parts.Exponential(kind="exponential", mean=1.0 / menu.hang_up)

        def listen(label: str, stay: parts.Duration, wrong: float, plus: float = 0.0) -> int:
            return self.rows.add(
                f"{name}: menu, {label}", StepKind.MENU, dist=self.samplers.add_always(stay, plus),
                rival=self.dist(hang_up), purpose=Purpose.MENU, rival_purpose=Purpose.HANG_UP,
                exit_purpose=Purpose.WRONG, done=self.choices(name, wrong, queue, again), other=lost,
            )  # fmt: skip

        early, late = menu.early, menu.late
        ways: Exits = []
        stay: parts.Duration
        if early is not None:
            stay = parts.Deterministic(value=menu.prompt_end(name))
            if early.when == "uniform" and length > 0:
                stay = parts.Uniform(kind="uniform", high=length)
            ways.append((early.share, listen("early choice", stay, early.wrong)))
        if late is not None:
            ways.append((late.share, listen("late choice", late.after, late.wrong, plus=length)))
        rest = 1.0 - sum(share for share, _ in ways)
        whole = parts.Deterministic(value=length)
        ways.append((rest, listen("complete", whole, menu.complete.wrong)))
        return ways

    def choices(self, name: str, wrong: float, queue: int, again: int) -> Exits:
        """Return the ways out of a menu: the other queues, each as likely, and the right one."""
        own = self.scenario.queue_of(name)
        others = {
            self.scenario.queue_of(other)
            for other, topic in self.scenario.topics.items()
            if topic.uses_menu and topic.journey is None
        } - {own}
        if not others or wrong == 0:
            return [(1.0, queue)]
        share = wrong / len(others)
        order = [other for other in self.queues if other in others]
        ways = [(share, self.wrong_queue(name, other, queue, again)) for other in order]
        return [*ways, (1.0 - wrong, queue)]

    def wrong_queue(self, name: str, other: str, queue: int, again: int) -> int:
        """Lower a visit to a wrong queue, after which the caller joins the right one."""
        menu = self.scenario.menu
        assert menu is not None
        leave = self.rows.add(
            f"{name}: sent on", StepKind.WRAP, dist=self.dist(menu.wrong_wrap_up),
            purpose=Purpose.WRAP_UP, done=queue,
        )  # fmt: skip
        talk = self.rows.add(
            f"{name}: wrong choice", StepKind.TALK, dist=self.dist(menu.wrong_talk),
            purpose=Purpose.WRONG_TALK, done=leave,
        )  # fmt: skip
        return self.wait(name, other, talk, again, f"{name}: wrong queue {other}")

    # ----------------------------------------------------------------- first line

    def patience(self, topic: Topic) -> parts.Duration | None:
        """Return the patience of callers about a topic."""
        return topic.patience if topic.patience is not None else self.scenario.patience

    def wait(
        self, name: str, queue: str, answered: int | Exits, again: int, label: str,
        exit_purpose: Purpose = Purpose.HOLD_AT_PICK_UP,
    ) -> int:  # fmt: skip
        """Lower waiting in a queue."""
        topic = self.scenario.topics[name]
        share = self.scenario.redial.share if self.scenario.redial else 0.0
        patience = self.patience(topic)
        return self.rows.add(
            label, StepKind.QUEUE, target=self.queues[queue], number=topic.priority,
            dist=NONE if patience is None else self.samplers.add_always(patience),
            purpose=Purpose.PATIENCE, exit_purpose=exit_purpose, done=answered,
            other=self.give_up(name, Outcome.ABANDONED_QUEUE, again, share),
            third=self.give_up(name, Outcome.TURNED_AWAY, again, share),
            fourth=self.called(name, queue, answered),
        )  # fmt: skip

    def called(self, name: str, queue: str, answered: int | Exits) -> int | Exits:
        """Lower the turn of a caller who hung up and kept the place: the agent calls."""
        offer = self.scenario.queues[queue].offer
        if offer is None:
            return answered
        missed = self.rows.add(
            f"{name}: does not pick up", StepKind.WRAP, done=self.end(Outcome.NOT_REACHED)
        )
        talk = self.rows.add(
            f"{name}: picks up", StepKind.BRANCH, exit_purpose=Purpose.HOLD_AT_PICK_UP, done=answered
        )
        return self.rows.add(
            f"{name}: called in turn", StepKind.TALK, mode=Phase.RING, dist=self.dist(offer.ring),
            purpose=Purpose.PICK_UP, exit_purpose=Purpose.REACH,
            done=[(offer.reach, talk), (1 - offer.reach, missed)],
        )  # fmt: skip

    def reception(self, name: str, factor: float, again: int, late: int) -> int:
        """Lower waiting for the first line and everything after; return the queue step."""
        topic = self.scenario.topics[name]
        handling = topic.handling or self.scenario.handling
        assert handling is not None
        after = self.after_talk(name, handling, again, late)
        queue = self.scenario.queue_of(name)
        return self.wait(name, queue, self.talk(name, handling, factor, after), again, f"{name}: wait")

    def talk(self, name: str, handling: Handling, factor: float, after: Exits) -> Exits:
        """Lower the first line's talk, with hold at pick-up and during."""
        talk = self.dist(talk_of(handling))

        def talking(label: str, share: float, done: int | Exits) -> int:
            return self.rows.add(
                f"{name}: {label}", StepKind.TALK, dist=talk, factor=factor * share,
                purpose=Purpose.TALK, exit_purpose=Purpose.NEED, done=done,
            )  # fmt: skip

        def holding(label: str, done: int | Exits) -> int:
            return self.rows.add(
                f"{name}: {label}", StepKind.TALK, mode=Phase.HOLD, dist=self.dist(handling.hold),
                purpose=Purpose.HOLD, exit_purpose=Purpose.NEED, done=done,
            )  # fmt: skip

        whole = talking("talk", 1.0, after)
        ways: Exits = [(1.0, whole)]
        if handling.hold_during > 0:
            held = talking("talk, then hold", 1.0, holding("hold", after))
            ways = [(handling.hold_during, held), (1 - handling.hold_during, whole)]
        if handling.hold_at_pick_up == 0:
            return [(1.0, self._branch(f"{name}: answered", Purpose.HOLD_DURING, ways))]
        first = self.rows.add(
            f"{name}: hold at pick-up", StepKind.TALK, mode=Phase.HOLD,
            dist=self.dist(handling.hold), purpose=Purpose.HOLD, exit_purpose=Purpose.HOLD_DURING,
            done=ways,
        )  # fmt: skip
        rest = self._branch(f"{name}: answered", Purpose.HOLD_DURING, ways)
        return [(handling.hold_at_pick_up, first), (1 - handling.hold_at_pick_up, rest)]

    def _branch(self, label: str, purpose: Purpose, ways: Exits) -> int:
        """Return a step that chooses, or the only step there is to choose."""
        if len(ways) == 1:
            return ways[0][1]
        return self.rows.add(label, StepKind.BRANCH, exit_purpose=purpose, done=ways)

    def wrap_up(self, name: str, handling: Handling, done: int, release: Release) -> int:
        """Lower the end of an agent's part."""
        return self.rows.add(
            f"{name}: wrap-up", StepKind.WRAP, mode=release, dist=self.dist(handling.wrap_up),
            purpose=Purpose.WRAP_UP, done=done,
        )  # fmt: skip

    def after_talk(self, name: str, handling: Handling, again: int, late: int) -> Exits:
        """Lower what follows the talk: the second line, a callback, or the end."""
        topic = self.scenario.topics[name]
        end = self.unresolved(name, Outcome.DIRECT, 1 - topic.resolved, late)
        direct = self.wrap_up(name, handling, end, Release.LAST)
        ways: Exits = []
        left = 1.0
        if topic.second_line is not None:
            ways += self.second_line_ways(name, handling, again)
            left -= topic.second_line.share
        if topic.callback is not None:
            callback = self.scenario.callbacks[topic.callback.name]
            step = self.promise(name, callback, topic.callback.name, handling)
            ways.append((left * topic.callback.share, step))
            left *= 1 - topic.callback.share
        return [*ways, (left, direct)]

    # ----------------------------------------------------------------- second line

    def second_line_ways(self, name: str, handling: Handling, again: int) -> Exits:
        """Lower the permanence: which share of those who need it is transferred, which is a form."""
        use = self.scenario.topics[name].second_line
        assert use is not None
        line = self.scenario.second_lines[use.name]
        tried = {"constant": 1.0, "none": 1.0, "urgent": use.urgent, "form": 0.0}[line.permanence]
        ways: Exits = []
        if tried > 0:
            ways.append((use.share * tried, self.transfer(name, line, handling, again)))
        if tried < 1:
            assert line.callback is not None
            callback = self.scenario.callbacks[line.callback]
            form = self.promise(name, callback, line.callback, handling, line.explain)
            ways.append((use.share * (1 - tried), form))
        return ways

    def transfer(self, name: str, line: SecondLine, handling: Handling, again: int) -> int:
        """Lower reaching the second line."""
        if line.via == "blind":
            queue = self.second_queue(name, line, again, held=False)
            return self.wrap_up(name, handling, queue, Release.LAST)
        reached = self.reached(name, line, handling)
        step = self.not_reached(name, line, handling, again, reached)
        rings = line.ring_out and line.via == "consult"
        for layer in range(line.layers if line.via == "consult" else 1):
            step = self.rows.add(
                f"{name}: ring the second line, layer {line.layers - layer}", StepKind.CONSULT,
                target=NONE if line.queue is None else self.queues[line.queue],
                dist=self.dist(line.pick_up), rival=self._limit(line.take_back),
                purpose=Purpose.PICK_UP, rival_purpose=Purpose.TAKE_BACK, mode=int(rings),
                number=line.attempts if line.via == "consult" else 1, share=line.available,
                done=reached, other=step,
            )  # fmt: skip
        return step

    def _limit(self, duration: parts.Duration | None) -> int:
        return NONE if duration is None else self.samplers.add_always(duration)

    def reached(self, name: str, line: SecondLine, handling: Handling) -> int:
        """Lower what follows a pick-up: a hand-over, or a talk of three."""
        end = self.end(Outcome.TRANSFERRED)
        last = self.rows.add(
            f"{name}: specialist's wrap-up", StepKind.WRAP, dist=self.dist(line.wrap_up),
            purpose=Purpose.SECOND_WRAP_UP, done=end,
        )  # fmt: skip
        finish = last if line.queue is not None else end
        conference = line.via == "conference"
        if conference:
            finish = self.wrap_up(name, handling, finish, Release.FIRST)
        talk = self.rows.add(
            f"{name}: talk with the specialist", StepKind.TALK, dist=self.dist(line.talk),
            purpose=Purpose.SECOND_TALK, done=finish,
        )  # fmt: skip
        if conference:
            return talk
        leave = self.wrap_up(name, handling, talk, Release.FIRST)
        return self.rows.add(
            f"{name}: hand-over", StepKind.TALK, mode=Phase.HANDOVER, dist=self.dist(line.handover),
            purpose=Purpose.HANDOVER, done=leave,
        )  # fmt: skip

    def not_reached(
        self, name: str, line: SecondLine, handling: Handling, again: int, reached: int
    ) -> int:
        """Lower what follows when nobody was reached."""
        if line.failed == "callback" and line.callback is not None:
            callback = self.scenario.callbacks[line.callback]
            return self.promise(name, callback, line.callback, handling, line.explain)
        if line.failed == "queue":
            return self.second_queue(name, line, again, held=True, reached=reached)
        end = self.end(Outcome.TRANSFER_FAILED)
        leave = self.wrap_up(name, handling, end, Release.LAST)
        return self.explain(name, line.explain, leave)

    def second_queue(
        self, name: str, line: SecondLine, again: int, held: bool, reached: int = NONE
    ) -> int:
        """Lower waiting for the second line, the first agent still on the line if `held`."""
        assert line.queue is not None
        topic = self.scenario.topics[name]
        patience = line.patience if line.patience is not None else self.patience(topic)
        lost = self.give_up(
            name, Outcome.ABANDONED_QUEUE, again,
            self.scenario.redial.share if self.scenario.redial else 0.0,
        )  # fmt: skip
        if held:
            handling = topic.handling or self.scenario.handling
            assert handling is not None
            lost = self.wrap_up(name, handling, lost, Release.LAST)
        else:
            wrap = self.rows.add(
                f"{name}: specialist's wrap-up", StepKind.WRAP, dist=self.dist(line.wrap_up),
                purpose=Purpose.SECOND_WRAP_UP, done=self.end(Outcome.TRANSFERRED),
            )  # fmt: skip
            reached = self.rows.add(
                f"{name}: talk with the specialist", StepKind.TALK, dist=self.dist(line.talk),
                purpose=Purpose.SECOND_TALK, done=wrap,
            )  # fmt: skip
        return self.rows.add(
            f"{name}: wait for the second line", StepKind.QUEUE, target=self.queues[line.queue],
            number=topic.priority, dist=self._limit(patience), purpose=Purpose.PATIENCE,
            done=reached, other=lost, third=lost,
        )  # fmt: skip

    def explain(self, name: str, duration: parts.Duration, done: int) -> int:
        """Lower the first line's words after a failed transfer."""
        dist = self.dist(duration)
        if dist == NONE:
            return done
        return self.rows.add(
            f"{name}: explain", StepKind.TALK, dist=dist, purpose=Purpose.EXPLAIN, done=done
        )

    # ----------------------------------------------------------------- callbacks and forms

    def promise(
        self, name: str, callback: Callback, key: str, handling: Handling,
        explain: parts.Duration | None = None,
    ) -> int:  # fmt: skip
        """Lower writing down a callback or form, caller on the line, and the end of the call."""
        form = callback.kind == "form"
        end = self.end(Outcome.FORM if form else Outcome.CALLBACK)
        task = self.rows.add(
            f"{name}: {callback.kind} {key}", StepKind.SPAWN, mode=Origin.TASK,
            target=self.task(key), child=ContactKind.FORM if form else ContactKind.CALLBACK,
            hours=self.hours_of(callback.hours), due_days=callback.due_working_days, done=end,
        )  # fmt: skip
        noted = self._branch(
            f"{name}: written down?", Purpose.FORGOTTEN,
            [(callback.forgotten, self.end(Outcome.FORGOTTEN)), (1 - callback.forgotten, task)],
        ) if callback.forgotten > 0 else task  # fmt: skip
        step = self.wrap_up(name, handling, noted, Release.LAST)
        register = self.dist(callback.register)
        if register != NONE:
            step = self.rows.add(
                f"{name}: write down the {callback.kind}", StepKind.TALK, dist=register,
                purpose=Purpose.REGISTER, done=step,
            )  # fmt: skip
        return self.explain(name, explain, step) if explain is not None else step

    def task(self, key: str) -> int:
        """Return the first step of the owners' work on a callback or form."""
        if key not in self._tasks:
            self._tasks[key] = self._task(key, self.scenario.callbacks[key])
        return self._tasks[key]

    @cached_property
    def _tasks(self) -> dict[str, int]:
        return {}

    def _task(self, key: str, callback: Callback) -> int:
        hours = self.hours_of(callback.hours)
        never, returned = self.end(Outcome.NEVER_RETURNED), self.end(Outcome.RETURNED)

        def pause(label: str, duration: parts.Duration, done: int | Exits) -> int:
            return self.rows.add(
                f"{key}: {label}", StepKind.DELAY, mode=Pause.WORKING,
                dist=self.dist(duration), hours=hours, purpose=Purpose.DELAY,
                exit_purpose=Purpose.REACH, done=done,
            )  # fmt: skip

        if callback.queue is None:
            ways = [(callback.returned, returned), (1 - callback.returned, never)]
            return pause("until it is returned", callback.delay, ways)
        step = never
        for number in range(callback.attempts, 0, -1):
            if number < callback.attempts:
                step = pause("until the next attempt", callback.retry_after, step)
            step = self.attempt(key, callback, number, step)
        return pause("until it may start", callback.start_after, step)

    def attempt(self, key: str, callback: Callback, number: int, missed: int) -> int:
        """Lower one attempt of the owners to reach the citizen."""
        assert callback.queue is not None

        def work(label: str, effort: parts.Duration, done: int) -> int:
            leave = self.rows.add(f"{key}: put away", StepKind.WRAP, done=done)
            return self.rows.add(
                f"{key}: {label}", StepKind.TALK, dist=self.dist(effort), purpose=Purpose.EFFORT,
                done=leave,
            )  # fmt: skip

        reached = work("reached", callback.effort, self.end(Outcome.RETURNED))
        failed = work("not reached", callback.failed_effort, missed)
        return self.rows.add(
            f"{key}: attempt {number}", StepKind.QUEUE, target=self.queues[callback.queue],
            number=callback.priority, purpose=Purpose.PATIENCE, exit_purpose=Purpose.REACH,
            done=[(callback.reach, reached), (1 - callback.reach, failed)],
            other=self.end(Outcome.NEVER_RETURNED), third=self.end(Outcome.NEVER_RETURNED),
        )  # fmt: skip

    # ----------------------------------------------------------------- probes

    def probe(self, name: str) -> int:
        """Lower a research call about a topic: patient, right, and nobody's work."""
        topic = self.scenario.topics[name]
        end = self.end(Outcome.PROBED)
        step = self.rows.add(
            f"{name}: probe waits", StepKind.QUEUE, number=topic.priority,
            target=self.queues[self.scenario.queue_of(name)], purpose=Purpose.PATIENCE, done=end,
            other=end, third=self.end(Outcome.TURNED_AWAY),
        )  # fmt: skip
        if self.scenario.menu is not None and topic.uses_menu:
            whole = parts.Deterministic(value=self.scenario.menu.complete_seconds)
            step = self.rows.add(
                f"{name}: probe listens", StepKind.MENU, dist=self.dist(whole),
                purpose=Purpose.MENU, done=step, other=end,
            )  # fmt: skip
        return self.rows.add(
            f"{name}: probe dials in", StepKind.ENTER, done=step, third=end,
            hours=self.hours_of(topic.hours or "open"), other=self.end(Outcome.CLOSED),
        )  # fmt: skip

    # ----------------------------------------------------------------- by hand

    def by_hand(self, key: str) -> int:
        """Lower a journey written step by step; return its first step."""
        steps = self.scenario.journeys[key]
        places = {name: self.rows.reserve(f"{key}: {name}") for name in steps}
        for name, step in steps.items():
            self._by_hand(places[name], step, places)
        return next(iter(places.values()))

    def _by_hand(self, place: int, step: JourneyStep, places: dict[str, int]) -> None:
        kind = StepKind[step.step.upper()]
        columns: dict[str, Any] = {
            "purpose": HAND_PURPOSES.get(kind, Purpose.DELAY), "factor": step.factor,
            "rival_purpose": HAND_RIVALS.get(kind, Purpose.LIMIT), "number": step.times,
            "dist": self._limit(step.duration), "rival": self._limit(step.cut_short),
            "hours": self.hours_of(step.hours or "open"), "share": step.share,
        }  # fmt: skip
        if kind == StepKind.QUEUE:
            columns |= {"target": self.queues[step.queue or ""], "number": step.priority}
        elif kind == StepKind.CONSULT:
            columns["target"] = NONE if step.queue is None else self.queues[step.queue]
            columns["mode"] = 1
        elif kind == StepKind.TALK:
            columns["mode"] = Phase[step.phase.upper()]
        elif kind == StepKind.DELAY:
            columns["mode"] = Pause[step.pause.upper()]
        elif kind == StepKind.WRAP:
            columns["mode"] = Release[step.release.upper()]
        elif kind == StepKind.SPAWN:
            columns |= self._child(step, places)
        elif kind == StepKind.END:
            columns["target"] = OUTCOMES[step.outcome or "direct"]
        for name in ("done", "other", "third", "fourth"):
            ways = getattr(step, name)
            if ways is not None:
                ways = {ways: 1.0} if isinstance(ways, str) else ways
                columns[name] = [(share, places[to]) for to, share in ways.items()]
        self.rows.fill(place, kind, **columns)

    def _child(self, step: JourneyStep, places: dict[str, int]) -> dict[str, Any]:
        kinds = {"callback": ContactKind.CALLBACK, "form": ContactKind.FORM}
        origins = {"redial": Origin.REDIAL, "repeat": Origin.REPEAT}
        return {
            "mode": origins.get(step.child or "", Origin.TASK),
            "child": kinds.get(step.child or "", NONE),
            "target": places[step.child_starts or ""],
            "due_days": NONE if step.due_working_days is None else step.due_working_days,
        }


HAND_PURPOSES = {
    StepKind.MENU: Purpose.MENU,
    StepKind.QUEUE: Purpose.PATIENCE,
    StepKind.TALK: Purpose.TALK,
    StepKind.CONSULT: Purpose.PICK_UP,
    StepKind.WRAP: Purpose.WRAP_UP,
    StepKind.DELAY: Purpose.DELAY,
}
HAND_RIVALS = {StepKind.MENU: Purpose.HANG_UP, StepKind.CONSULT: Purpose.TAKE_BACK}


def talk_of(handling: Handling) -> parts.Duration:
    """Return the talk of a handling: given, or what `aht` leaves after hold and wrap-up."""
    if handling.talk is not None:
        return handling.talk
    assert handling.aht is not None
    held = (handling.hold_at_pick_up + handling.hold_during) * mean_of(handling.hold)
    talk = handling.aht - held - handling.transfers - mean_of(handling.wrap_up)
    if talk <= 0:
        return parts.Deterministic(value=0.0)
    return parts.Lognormal(kind="lognormal", mean=talk, cv=handling.cv)
