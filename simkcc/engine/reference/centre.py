"""The loop, and what changes by the clock."""

from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.reference.arrivals import Arrivals
from simkcc.engine.reference.clock import Story
from simkcc.engine.reference.given import restore
from simkcc.model.contact_log import FOREVER, How
from simkcc.model.events import Due


class Centre(Arrivals):
    """A contact centre in action. `events` collects what happens, `log` what happened."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        if plan.resumes:
            restore(self)
        if len(plan.changes):
            self.clock.process(self.changes())
        for stream in range(len(plan.streams)):
            self.clock.process(self.arrivals(stream))
        self.settle()

    def run(self, until: int = FOREVER) -> None:
        """Let everything happen that falls due before `until`."""
        while self.clock.peek() < until:
            if self.clock.peek() >= self.setting["until"] and self.live == 0:
                return
            self.step()

    def step(self) -> None:
        """Let the next thing happen, then answer until nobody free may answer anybody waiting."""
        self.clock.step()
        self.settle()
        while self.answer_next():
            self.settle()
        self.send_home()

    def settle(self) -> None:
        """Let every story go on until it waits for time to pass."""
        while not self.clock.settled:
            self.clock.step()

    def changes(self) -> Story:
        """Hours open and close, rosters rise and fall, queues are cleared."""
        for index, change in enumerate(self.plan.changes):
            if change["at"] < self.start:
                continue
            yield self.due(int(change["at"]) - self.now, Due.CHANGE, index)
            subject, level = int(change["subject"]), int(change["level"])
            if change["kind"] == ChangeKind.HOURS:
                self.open_now[subject] = level
            elif change["kind"] == ChangeKind.ROSTER:
                self.change_roster(subject, level)
            else:
                while self.queues[subject]:
                    self.queues[subject][0].wake.succeed(How.CLOSED)
                    yield self.due(0, Due.CHANGE, index)


def play(plan: Plan) -> Centre:
    """Play a plan to its end; the centre that comes back holds the events and the log."""
    centre = Centre(plan)
    run_out = plan.settings[0]["run_out"]
    centre.run(FOREVER if run_out else int(plan.settings[0]["until"]))
    return centre
