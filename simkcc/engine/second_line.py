"""The second line, lowered: permanence, consult, blind transfer, conference."""

from simkcc.engine.chance import Purpose
from simkcc.engine.rows import Exits
from simkcc.engine.tasks import Tasks
from simkcc.model.contact_log import NONE, Outcome
from simkcc.model.handling import Handling
from simkcc.model.referral import SecondLine
from simkcc.model.steps import Phase, Release, StepKind


class SecondLines(Tasks):
    """Lowers reaching the second line, and what follows when nobody is reached."""

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
                dist=self.dist(line.pick_up), rival=self.limit(line.take_back),
                purpose=Purpose.PICK_UP, rival_purpose=Purpose.TAKE_BACK, mode=int(rings),
                number=line.attempts if line.via == "consult" else 1, share=line.available,
                done=reached, other=step,
            )  # fmt: skip
        return step

    def reached(self, name: str, line: SecondLine, handling: Handling) -> int:
        """Lower what follows a pick-up: a hand-over, or a talk of three."""
        end = self.end(Outcome.TRANSFERRED)
        last = self.specialist_leaves(name, line, end)
        finish = last if line.queue is not None else end
        conference = line.via == "conference"
        if conference:
            finish = self.wrap_up(name, handling, finish, Release.FIRST)
        talk = self.specialist_talks(name, line, finish)
        if conference:
            return talk
        leave = self.wrap_up(name, handling, talk, Release.FIRST)
        return self.rows.add(
            f"{name}: hand-over", StepKind.TALK, mode=Phase.HANDOVER, dist=self.dist(line.handover),
            purpose=Purpose.HANDOVER, done=leave,
        )  # fmt: skip

    def specialist_talks(self, name: str, line: SecondLine, done: int) -> int:
        """Lower the talk with who was reached."""
        return self.rows.add(
            f"{name}: talk with the specialist", StepKind.TALK, dist=self.dist(line.talk),
            purpose=Purpose.SECOND_TALK, done=done,
        )  # fmt: skip

    def specialist_leaves(self, name: str, line: SecondLine, done: int) -> int:
        """Lower the after-call work of who was reached."""
        return self.rows.add(
            f"{name}: specialist's wrap-up", StepKind.WRAP, dist=self.dist(line.wrap_up),
            purpose=Purpose.SECOND_WRAP_UP, done=done,
        )  # fmt: skip

    def not_reached(
        self, name: str, line: SecondLine, handling: Handling, again: int, reached: int
    ) -> int:
        """Lower what follows when nobody was reached."""
        if line.failed == "callback" and line.callback is not None:
            callback = self.scenario.callbacks[line.callback]
            return self.promise(name, callback, line.callback, handling, line.explain)
        if line.failed == "queue":
            promised = NONE
            if line.callback is not None:
                callback = self.scenario.callbacks[line.callback]
                promised = self.promise(name, callback, line.callback, handling, line.explain)
            return self.second_queue(name, line, again, True, reached, promised)
        end = self.end(Outcome.TRANSFER_FAILED)
        leave = self.wrap_up(name, handling, end, Release.LAST)
        return self.explain(name, line.explain, leave)

    def second_queue(
        self, name: str, line: SecondLine, again: int, held: bool, reached: int = NONE,
        promised: int = NONE,
    ) -> int:  # fmt: skip
        """Lower waiting for the second line, the first agent still on the line if `held`.

        promised: what follows when the wait has lasted too long; the end of the call if NONE.
        """
        assert line.queue is not None
        topic = self.scenario.topics[name]
        patience = line.patience if line.patience is not None else self.patience(topic)
        lost = self.give_up(
            name, Outcome.ABANDONED_QUEUE, again,
            self.scenario.redial.share if self.scenario.redial else 0.0,
        )  # fmt: skip
        if held:
            lost = self.wrap_up(name, self.handling_of(topic), lost, Release.LAST)
        else:
            wrap = self.specialist_leaves(name, line, self.end(Outcome.TRANSFERRED))
            reached = self.specialist_talks(name, line, wrap)
        return self.rows.add(
            f"{name}: wait for the second line", StepKind.QUEUE, target=self.queues[line.queue],
            number=topic.priority, dist=self.limit(patience), purpose=Purpose.PATIENCE,
            done=reached, other=lost, third=lost if promised == NONE else promised,
        )  # fmt: skip
