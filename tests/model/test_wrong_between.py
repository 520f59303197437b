"""Names, sums, journeys and marks that do not fit: every sentence, word for word."""

from collections.abc import Callable

import pytest

WRONG: dict[str, tuple[dict[str, str], list[str]]] = {
    "a key of the whole file below a table": (
        {"[menu]\nlength = 80": "[menu]\nlength = 80\nlines = 9"},
        ["menu.lines: unknown key here; 'lines' stands above the first [table] of the file"],
    ),
    "a turning point of a variant that is not there": (
        {
            "[menu]\nlength = 80": '[[turning_points]]\nmetric = "sl2"\nfirst = "base"\n'
            'second = "nights"\nkey = "menu.length"\nlow = 1\nhigh = 4\n[menu]\nlength = 80'
        },
        ["turning_points.0.second: unknown variant 'nights'; known: base, short"],
    ),
    "a turning point of a key that is not there": (
        {
            "[menu]\nlength = 80": '[[turning_points]]\nmetric = "sl2"\nfirst = "base"\n'
            'second = "short"\nkey = "menu.lenght"\nlow = 1\nhigh = 4\n[menu]\nlength = 80'
        },
        ["turning_points.0.key: 'menu.lenght' leads nowhere; did you mean 'menu.length'?"],
    ),
    "a turning point where its key cannot be": (
        {
            "[menu]\nlength = 80": '[[turning_points]]\nmetric = "sl2"\nfirst = "base"\n'
            'second = "short"\nkey = "redial.share"\nlow = 0\nhigh = 40\n[menu]\nlength = 80'
        },
        ["turning_points.0.high: redial.share found 40; give at most 1"],
    ),
    "a turning point between a variant and itself": (
        {
            "[menu]\nlength = 80": '[[turning_points]]\nmetric = "sl2"\nfirst = "short"\n'
            'second = "short"\nkey = "redial.share"\nlow = 0\nhigh = 1\n[menu]\nlength = 80'
        },
        ["turning_points.0: first and second are both 'short'; name two variants"],
    ),
    "an ordering of a variant and itself": (
        {
            "[menu]\nlength = 80": '[[expectations]]\nmetric = "sl2"\nvariant = "short"\n'
            'versus = "short"\nsign = "lower"\nbasis = "predicted"\n[menu]\nlength = 80'
        },
        ["expectations.0: variant and versus are both 'short'; name two"],
    ),
    "a provider that is not named": (
        {"agents = 6": 'agents = 6\nhome = "provider"', "[menu]": "[providers.acme]\n[menu]"},
        ["groups.front.provider: missing; home 'provider' needs one; give one of: acme"],
    ),
    "a talk with nobody": (
        {'step = "delay", duration': 'step = "talk", duration'},
        [
            "journeys.ask.pause: nobody may be on the line to talk with; put a queue before it, or "
            "make it a delay"
        ],
    ),
    "a day's profile outside the hours": (
        {
            "[menu]\nlength = 80": '[demand.profile]\nstart = "18:00"\nshares = [1, 2]\n'
            "[menu]\nlength = 80"
        },
        [
            "demand.profile: has no share within the hours 'open', over which the yearly volume is "
            "spread"
        ],
    ),
    "a wrap-up longer than the all-in time": (
        {"handling.aht = 240": "handling.aht = 60\nhandling.wrap_up = 90"},
        [
            "handling: aht 60 s is all-in, but hold, wrap-up and transfers alone "
            "take 90 s; raise aht or give talk"
        ],
    ),
    "days after the calendar": (
        {"[menu]\nlength = 80": "[horizon]\nstart = 9999-12-01\nweeks = 60\n[menu]\nlength = 80"},
        ["horizon: ends after the year 9990, the last of the calendar"],
    ),
    "a missing section": (
        {
            '[groups.front]\nagents = 6\n\n[groups.back]\nroster = { start = "08:00", minutes '
            "= 60, weekdays = [2, 3, 4] }": ""
        },
        ["groups: missing; give a table"],
    ),
    "a misspelt section": (
        {"[groups.front]": "[group.front]", "[groups.back]": "[group.back]"},
        ["group: unknown key; did you mean 'groups'?", "groups: missing; give a table"],
    ),
    "an unknown queue": (
        {'queue = "kcc"': 'queue = "kc"'},
        ["topics.other.queue: unknown queue 'kc'; did you mean 'kcc'?"],
    ),
    "an unknown group": (
        {'{ group = "front" }': '{ group = "frnt" }'},
        ["queues.kcc.routes.0.group: unknown group 'frnt'; did you mean 'front'?"],
    ),
    "unknown hours": (
        {"agents = 6": 'agents = 6\nhours = "evening"'},
        ["groups.front.hours: unknown hours 'evening'; known: open"],
    ),
    "an unknown topic": (
        {"[menu]\nlength = 80": '[menu]\nprompts = [{ seconds = 5, topic = "permit" }]'},
        ["menu.prompts.0.topic: unknown topic 'permit'; did you mean 'permits'?"],
    ),
    "an unknown second line": (
        {'queue = "kcc"': 'queue = "kcc"\nsecond_line = { name = "experts", share = 0.1 }'},
        ["topics.other.second_line.name: unknown second line 'experts'; there is none"],
    ),
    "an unknown provider": (
        {"agents = 6": 'agents = 6\nprovider = "acme"'},
        ["groups.front.provider: unknown provider 'acme'; there is none"],
    ),
    "shares that do not add up": (
        {"share = 0.6": "share = 0.5"},
        ["topics: shares add up to 0.9; they must add up to 1"],
    ),
    "two ways to say a volume": (
        {"share = 0.6": "share = 0.6\nper_hour = 3"},
        [
            "topics.other: gives share and per_hour; give exactly one of share, per_year, "
            "per_hour, rates, arrivals"
        ],
    ),
    "demand without hours": (
        {"[hours.open]": "[hours.opening]"},
        ["hours.open: missing; the yearly volume is spread over it"],
    ),
    "hours that never open": (
        {'weekdays = ["08:00-18:00"]': "weekdays = []"},
        ["hours.open: never open, but the yearly volume is spread over it"],
    ),
    "no handling": (
        {"handling.aht = 240\n": ""},
        [
            "topics.permits: has no handling; give topics.permits.handling or handling",
            "topics.other: has no handling; give topics.other.handling or handling",
        ],
    ),
    "an own topic without queue": (
        {'queue = "kcc"\n': ""},
        ["topics.other: has no queue; give topics.other.queue; one of: kcc, permits"],
    ),
    "a pool of two minds": (
        {
            '{ group = "back", after = 60 }]': '{ group = "back", order = 0 }]',
            "[groups.back]": '[groups.back]\nchoice = "uniform"',
        },
        [
            "queues.kcc.routes.1.order: groups 'front' and 'back' share order 0 but "
            "choose agents by longest_idle and uniform; give both the same choice"
        ],
    ),
    "a pull without a route": (
        {"agents = 6": 'agents = 6\npulls = ["kcc", "permits"]'},
        [
            "groups.front.pulls.1: queue 'permits' has no route to this group; add one or "
            "leave it out"
        ],
    ),
    "an exit that leads nowhere": (
        {"over = 0.5, dial": "ovr = 0.5, dial"},
        ["journeys.ask.pause.done: unknown step 'ovr'; did you mean 'over'?"],
    ),
    "exits that do not add up": (
        {"over = 0.5, dial": "over = 0.4, dial"},
        ["journeys.ask.pause.done: shares add up to 0.9; they must add up to 1"],
    ),
    "an exit that is a number": (
        {'done = "pause"': "done = 3"},
        ["journeys.ask.dial.done: found 3; give a step, or a table of steps with their shares"],
    ),
    "a share that is text": (
        {"over = 0.5, dial": 'over = "0.5", dial'},
        ["journeys.ask.pause.done.over: found text '0.5'; give a share from 0 to 1"],
    ),
    "an exit that no such step has": (
        {'outcome = "direct"': 'outcome = "direct", done = "dial"'},
        ["journeys.ask.over.done: step 'end' has no such exit; it has: none"],
    ),
    "an unknown outcome": (
        {'outcome = "direct"': 'outcome = "dierct"'},
        ["journeys.ask.over.outcome: unknown outcome 'dierct'; did you mean 'direct'?"],
    ),
    "a step without exit": (
        {', done = "pause"': ""},
        ["journeys.ask.dial.done: missing; a step 'enter' needs it"],
    ),
    "exits that may happen": (
        {
            'name = "centre"': "lines = 9",
            'step = "delay", duration = 30,': 'step = "queue",',
        },
        [
            "journeys.ask.dial.third: missing; a step 'enter' needs it",
            "journeys.ask.pause.queue: missing; a step 'queue' needs it",
            "journeys.ask.pause.other: missing; a step 'queue' needs it",
            "journeys.ask.pause.third: missing; a step 'queue' needs it",
        ],
    ),
    "a circle without time": (
        {"duration = 30": "duration = 0"},
        [
            "journeys.ask: dial -> pause -> dial goes round without taking time; put a "
            "delay in between"
        ],
    ),
    "a circle of branches": (
        {'pause = { step = "delay", duration = 30,': 'pause = { step = "branch",'},
        [
            "journeys.ask: dial -> pause -> dial goes round without taking time; put a "
            "delay in between"
        ],
    ),
    "an unknown step": (
        {'step = "delay"': 'step = "dlay"'},
        ["journeys.ask.pause.step: found text 'dlay'; did you mean 'delay'?"],
    ),
    "an unknown unit": (
        {"length = 80": 'length = { value = 80, unit = "mn" }'},
        ["menu.length.unit: unknown unit 'mn' here; did you mean 'min'?"],
    ),
    "a unit of something else": (
        {"length = 80": 'length = { value = 80, unit = "EUR" }'},
        ["menu.length.unit: unknown unit 'EUR' here; known: s, ms, min, h, d"],
    ),
    "an unknown mark": (
        {"length = 80": 'length = { value = 80, mark = "X" }'},
        [
            "menu.length.mark: found text 'X'; give one of G (given), D (derived), A "
            "(assumed), M (measured)"
        ],
    ),
    "a value outside its range": (
        {"length = 80": "length = { value = 80, range = [85, 90] }"},
        ["menu.length: value 80 lies outside its own range [85, 90]"],
    ),
    "a range upside down": (
        {"length = 80": "length = { value = 80, range = [90, 70] }"},
        ["menu.length.range: low 90 lies above high 70; swap them"],
    ),
    "a range that is none": (
        {"length = 80": "length = { value = 80, range = [90] }"},
        ["menu.length.range: found a list; give two numbers, [low, high]"],
    ),
    "a mark on text": (
        {'name = "centre"': 'name = { value = "centre", mark = "G" }'},
        ["name: only numbers can carry a mark; write the value itself"],
    ),
    "text in a mark": (
        {"length = 80": 'length = { value = "80", mark = "G" }'},
        ["menu.length.value: found text '80'; give a number, or a list of numbers"],
    ),
    "a marked negative time": (
        {"length = 80": 'length = { value = -2, unit = "min" }'},
        ["menu.length: found -120; give at least 0"],
    ),
    "unknown variant of expectation": (
        {
            "[menu]": '[[expectations]]\nmetric = "sl2"\nvariant = "shrt"\nversus = "base"\nsign = '
            '"higher"\nbasis = "predicted"\n\n[menu]'
        },
        ["expectations.0.variant: unknown variant 'shrt'; did you mean 'short'?"],
    ),
    "many at once": (
        {
            "length = 80": 'lenght = "80"',
            "mean = 300": "mean = -3",
            'queue = "kcc"': 'queue = "kc"',
            "agents = 6": "agents = 6.5",
            "over = 0.5, dial": "ovr = 0.4, dial",
        },
        [
            "patience.mean: found -3; give more than 0",
            "topics.other.queue: unknown queue 'kc'; did you mean 'kcc'?",
            "menu.lenght: unknown key; did you mean 'length'?",
            "groups.front.agents: found 6.5; give a whole number, 0 or more",
            "journeys.ask.pause.done: unknown step 'ovr'; did you mean 'over'?",
            "journeys.ask.pause.done: shares add up to 0.9; they must add up to 1",
        ],
    ),
    "a probe of a hand-written journey": (
        {
            "[menu]": '[probes.p]\ntopic = "other"\nper_hour = 0\n[menu]',
            'queue = "kcc"': 'journey = "ask"',
        },
        ["probes.p.per_hour: found 0; give more than 0"],
    ),
    "a missing section of names that are used": (
        {
            'queue = "kcc"': 'queue = "kcc"\nsecond_line = { name = "x", share = 0.1 }',
            "[menu]": "[second_line.x]\n[menu]",
        },
        ["second_line: unknown key; did you mean 'second_lines'?"],
    ),
}


@pytest.mark.parametrize(("changes", "sentences"), WRONG.values(), ids=WRONG)
def test_each_mistake_is_explained(
    explain: Callable[[dict[str, str]], list[str]], changes: dict[str, str], sentences: list[str]
) -> None:
    assert explain(changes) == sentences
