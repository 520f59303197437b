"""Callbacks and forms, lowered: writing them down, and the owners' attempts."""

from functools import cached_property

from simkcc.engine.chance import Purpose
from simkcc.engine.lowering import Lowering
from simkcc.engine.rows import Exits
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE, ContactKind, Origin, Outcome
from simkcc.model.handling import Handling
from simkcc.model.referral import Callback
from simkcc.model.steps import Pause, Release, StepKind


class Tasks(Lowering):
    """Lowers promises to call back."""

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
        noted = self.branch(
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
        daily = callback.handed_out is not None
        hours = self.hours_of(callback.handed_out or callback.hours)
        never, returned = self.end(Outcome.NEVER_RETURNED), self.end(Outcome.RETURNED)

        def pause(label: str, duration: parts.Duration, done: int | Exits) -> int:
            return self.rows.add(
                f"{key}: {label}", StepKind.DELAY, mode=Pause.WORKING,
                dist=NONE if daily else self.dist(duration), hours=hours, purpose=Purpose.DELAY,
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

    def turn(self, callback: Callback, number: int) -> int:
        """Return the priority of an attempt; with one a day, more attempts mean an older promise."""
        older = number - callback.attempts if callback.handed_out is not None else 0
        return max(callback.priority + older, -1000)

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
            number=self.turn(callback, number), purpose=Purpose.PATIENCE, exit_purpose=Purpose.REACH,
            done=[(callback.reach, reached), (1 - callback.reach, failed)],
            other=self.end(Outcome.NEVER_RETURNED), third=self.end(Outcome.NEVER_RETURNED),
        )  # fmt: skip
