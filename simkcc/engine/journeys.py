"""The scenario's words — menu, second line, permanence, callbacks — lowered to rows of steps.

Rows are made from the end backwards: a step knows the rows it leads to. Nothing after this file
knows what a permanence is.
"""

from simkcc.engine.by_hand import ByHand
from simkcc.engine.chance import Purpose
from simkcc.engine.rows import Exits
from simkcc.engine.samplers import mean_of
from simkcc.engine.second_line import SecondLines
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE, Origin, Outcome
from simkcc.model.demand import Limit, Redial
from simkcc.model.handling import Handling
from simkcc.model.menu import Menu
from simkcc.model.steps import Pause, Phase, Release, StepKind


class Journeys(SecondLines, ByHand):
    """Lowers the journeys of a scenario: dialling in, the menu, the first line, and probes."""

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
        redial = self.redial_of(self.scenario.topics[name])
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
        """Lower coming in and the menu, up to the queue. Mail finds no door: it comes at any hour."""
        topic = self.scenario.topics[name]
        if topic.channel in ("mail", "case"):
            self.rows.fill(enter, StepKind.BRANCH, done=queue)
            return
        redial = self.redial_of(topic) or Redial(share=0.0)
        menu = self.scenario.menu if topic.in_menu else None
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
            if topic.in_menu and topic.journey is None
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

    def wait(
        self, name: str, queue: str, answered: int | Exits, again: int, label: str,
        exit_purpose: Purpose = Purpose.HOLD_AT_PICK_UP,
    ) -> int:  # fmt: skip
        """Lower waiting in a queue."""
        topic = self.scenario.topics[name]
        share = self.scenario.redial.share if self.scenario.redial else 0.0
        return self.rows.add(
            label, StepKind.QUEUE, target=self.queues[queue], number=topic.priority,
            dist=self.limit(self.patience(topic)),
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
            f"{name}: picks up",
            StepKind.BRANCH,
            exit_purpose=Purpose.HOLD_AT_PICK_UP,
            done=answered,
        )
        return self.rows.add(
            f"{name}: called in turn", StepKind.TALK, mode=Phase.RING, dist=self.dist(offer.ring),
            purpose=Purpose.PICK_UP, exit_purpose=Purpose.REACH,
            done=[(offer.reach, talk), (1 - offer.reach, missed)],
        )  # fmt: skip

    def reception(self, name: str, factor: float, again: int, late: int) -> int:
        """Lower waiting for the first line and everything after; return the queue step."""
        topic = self.scenario.topics[name]
        handling = self.handling_of(topic)
        after = self.after_talk(name, handling, again, late)
        queue = self.scenario.queue_of(name)
        return self.wait(
            name, queue, self.talk(name, handling, factor, after), again, f"{name}: wait"
        )

    def talk(self, name: str, handling: Handling, factor: float, after: Exits) -> Exits:
        """Lower the first line's talk, with hold at pick-up and during, up to its limit."""
        limit = self.scenario.topics[name].limit
        if limit is None:
            return self.whole_talk(name, handling, self.dist(talk_of(handling)), factor, after)
        share, within = self.samplers.add_below(talk_of(handling), limit.after)
        on = self.sent_on(name, handling, limit)
        if share <= 0:
            return [(1.0, on)]
        short = self.whole_talk(name, handling, within, factor, after)
        return [(1 - share, on), *((share * part, step) for part, step in short)]

    def sent_on(self, name: str, handling: Handling, limit: Limit) -> int:
        """Lower a contact that takes longer than the desk may: a second wait, and those who finish it."""
        end = self.end(Outcome.TRANSFERRED)
        wrap = self.rows.add(
            f"{name}: finisher's wrap-up", StepKind.WRAP, dist=self.dist(limit.wrap_up),
            purpose=Purpose.SECOND_WRAP_UP, done=end,
        )  # fmt: skip
        talk = self.rows.add(
            f"{name}: talk with those who finish it", StepKind.TALK, dist=self.dist(limit.talk),
            purpose=Purpose.SECOND_TALK, done=wrap,
        )  # fmt: skip
        gone = self.end(Outcome.ABANDONED_QUEUE)
        queue = self.rows.add(
            f"{name}: wait to be finished", StepKind.QUEUE, target=self.queues[limit.queue],
            number=self.scenario.topics[name].priority, purpose=Purpose.PATIENCE, done=talk,
            other=gone, third=gone,
        )  # fmt: skip
        leave = self.wrap_up(name, handling, queue, Release.LAST)
        until = parts.Deterministic(value=limit.after)
        return self.rows.add(
            f"{name}: talk up to the limit", StepKind.TALK, dist=self.dist(until),
            purpose=Purpose.TALK, done=leave,
        )  # fmt: skip

    def whole_talk(
        self, name: str, handling: Handling, talk: int, factor: float, after: Exits
    ) -> Exits:
        """Lower a talk that is not cut short."""

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
            return [(1.0, self.branch(f"{name}: answered", Purpose.HOLD_DURING, ways))]
        first = self.rows.add(
            f"{name}: hold at pick-up", StepKind.TALK, mode=Phase.HOLD,
            dist=self.dist(handling.hold), purpose=Purpose.HOLD, exit_purpose=Purpose.HOLD_DURING,
            done=ways,
        )  # fmt: skip
        rest = self.branch(f"{name}: answered", Purpose.HOLD_DURING, ways)
        return [(handling.hold_at_pick_up, first), (1 - handling.hold_at_pick_up, rest)]

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
        if self.scenario.menu is not None and topic.in_menu:
            whole = parts.Deterministic(value=self.scenario.menu.complete_seconds)
            step = self.rows.add(
                f"{name}: probe listens", StepKind.MENU, dist=self.dist(whole),
                purpose=Purpose.MENU, done=step, other=end,
            )  # fmt: skip
        return self.rows.add(
            f"{name}: probe dials in", StepKind.ENTER, done=step, third=end,
            hours=self.hours_of(topic.hours or "open"), other=self.end(Outcome.CLOSED),
        )  # fmt: skip


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
