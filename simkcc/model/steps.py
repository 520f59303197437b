"""The kinds of step of a journey, and what a step of a kind may be: numbers that the engines know."""

from enum import IntEnum


class StepKind(IntEnum):
    """What a row of a journey does. Exits are named done, other, third, fourth."""

    ENTER = 0
    """Dial in. done: a line is taken; other: closed; third: all lines busy."""
    MENU = 1
    """Listen. done: chose; other: hung up."""
    QUEUE = 2
    """Wait for an agent. done: answered; other: abandoned; third: sent away (full, too long,
    closing); fourth: answered after hanging up with a place held."""
    TALK = 3
    """Talk, hold or hand over, for a time. done: over."""
    CONSULT = 4
    """The agent rings the second line. done: someone is on the line; other: nobody was reached."""
    WRAP = 5
    """An agent leaves the contact and does after-call work; the contact goes on. done: at once."""
    SPAWN = 6
    """A child contact is born: task, redial, repeat. done: at once."""
    DELAY = 7
    """Nothing happens for a time. done: over."""
    BRANCH = 8
    """Nothing happens at all; only a choice of exit. done: at once; other: see Asks."""
    END = 9
    """The contact is over."""


class Asks(IntEnum):
    """What a BRANCH step looks at before it chooses."""

    NOTHING = 0
    PARENT_OPEN = 1
    """done if the contact that gave birth to this one is still open, else other."""


class Phase(IntEnum):
    """What a TALK step is, for the log and the screens."""

    TALK = 0
    HOLD = 1
    HANDOVER = 2
    RING = 3


class Pause(IntEnum):
    """How a DELAY step counts time."""

    PLAIN = 0
    """By the clock."""
    WORKING = 1
    """Only while the hours are open."""
    LATER_TODAY = 2
    """To a uniform moment before closing; to one in the next open day if it is closed."""
    NEXT_DAY = 3
    """To a uniform moment in the hours of the next open day."""


class Release(IntEnum):
    """Which agent a WRAP step lets go."""

    FIRST = 0
    LAST = 1
