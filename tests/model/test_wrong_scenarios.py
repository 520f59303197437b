"""Wrong values in a scenario file, one and several at once: every sentence, word for word."""

from collections.abc import Callable

import pytest

WRONG: dict[str, tuple[dict[str, str], list[str]]] = {
    "a misspelt key": (
        {"length = 80": "lenght = 80"},
        ["menu.lenght: unknown key; did you mean 'length'?"],
    ),
    "a key that resembles nothing": (
        {"length = 80": "length = 80\nzzz = 1"},
        [
            "menu.zzz: unknown key; keys here: length, prompts, early, complete, late, "
            "hang_up, hang_up_after, wrong_talk, wrong_wrap_up"
        ],
    ),
    "text for a number": (
        {"length = 80": 'length = "80"'},
        ["menu.length: found text '80'; give a number of seconds, 0 or more"],
    ),
    "true for a number": (
        {"length = 80": "length = true"},
        ["menu.length: found true; give a number of seconds, 0 or more"],
    ),
    "true for a whole number": (
        {"agents = 6": "agents = true"},
        ["groups.front.agents: found true; give a whole number, 0 or more"],
    ),
    "true for a duration": (
        {'patience = { kind = "exponential", mean = 300 }': "patience = true"},
        ["patience: found true; give a duration: seconds, or a table with a kind"],
    ),
    "a date for a number": (
        {"length = 80": "length = 2024-01-31"},
        ["menu.length: found the date 2024-01-31; give a number of seconds, 0 or more"],
    ),
    "a list for a number": (
        {"length = 80": "length = [80]"},
        ["menu.length: found a list; give a number of seconds, 0 or more"],
    ),
    "nan": (
        {"length = 80": "length = nan"},
        ["menu.length: found nan; give a finite number"],
    ),
    "infinity": (
        {"length = 80": "length = -inf"},
        ["menu.length: found -inf; give a finite number"],
    ),
    "a number beyond floats": (
        {"length = 80": "length = 1e400"},
        ["menu.length: found inf; give a finite number"],
    ),
    "a whole number beyond floats": (
        {
            "length = 80": "length = "
            "10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        },
        ["menu.length: found a number of about 400 digits; give a number of seconds, 0 or more"],
    ),
    "too large a number": (
        {"length = 80": "length = 1000000000000000000000000000000"},
        ["menu.length: found a number of about 30 digits; give at most 1,000,000,000"],
    ),
    "a fraction of an agent": (
        {"agents = 6": "agents = 6.5"},
        ["groups.front.agents: found 6.5; give a whole number, 0 or more"],
    ),
    "a negative time": (
        {"length = 80": "length = -1"},
        ["menu.length: found -1; give at least 0"],
    ),
    "a share above one": (
        {"redial.share = 0.3": "redial.share = 1.3"},
        ["redial.share: found 1.3; give at most 1"],
    ),
    "a negative rate": (
        {"per_year = 100000": "per_year = -5"},
        ["demand.per_year: found -5; give at least 0"],
    ),
    "zero where more is needed": (
        {"mean = 300": "mean = 0"},
        ["patience.mean: found 0; give more than 0"],
    ),
    "an unknown kind": (
        {"exponential": "exponental"},
        ["patience.kind: unknown kind 'exponental'; did you mean 'exponential'?"],
    ),
    "no kind": (
        {'kind = "exponential", ': ""},
        [
            "patience: has no kind; give one of deterministic, exponential, uniform, "
            "triangular, lognormal, gamma, weibull, hyperexponential, hazard, empirical, "
            "by_time"
        ],
    ),
    "a kind that is no text": (
        {'"exponential"': "3"},
        [
            "patience.kind: found 3; give one of deterministic, exponential, uniform, "
            "triangular, lognormal, gamma, weibull, hyperexponential, hazard, empirical, "
            "by_time"
        ],
    ),
    "a key of another kind": (
        {"mean = 300": "mean = 300, cv = 2"},
        ["patience.cv: unknown key; keys here: zero, shift, cap, kind, mean"],
    ),
    "an unknown choice": (
        {"agents = 6": 'agents = 6\nchoice = "longest_idel"'},
        ["groups.front.choice: found text 'longest_idel'; did you mean 'longest_idle'?"],
    ),
    "an unknown number as choice": (
        {"agents = 6": "agents = 6\nline = 4"},
        ["groups.front.line: found 4; give one of: 1, 2, 3"],
    ),
    "text for a switch": (
        {'queue = "kcc"': 'queue = "kcc"\ncounted = "no"'},
        ["topics.other.counted: found text 'no'; give true or false"],
    ),
    "a number for text": (
        {'name = "centre"': "name = 3"},
        ["name: found 3; give text"],
    ),
    "a number for a table": (
        {"redial.share = 0.3": "redial = 0.3"},
        ["redial: found 0.3; give a table"],
    ),
    "a table for a list": (
        {'routes = [{ group = "back" }]': 'routes = { group = "back" }'},
        ["queues.permits.routes: found a table; give a list of tables"],
    ),
    "an empty list": (
        {'routes = [{ group = "back" }]': "routes = []"},
        ["queues.permits.routes: has 0 entries; give at least 1"],
    ),
    "too few entries": (
        {"per_year = 100000": "per_year = 100000\nweekday = [1, 2]"},
        ["demand.weekday: has 2 entries; give at least 5"],
    ),
    "a name with a sign": (
        {"[topics.other]": '[topics."other!"]'},
        [
            "topics: 'other!' will not do as a name; use letters, digits, '_', '-' and "
            "spaces, at most 60, a letter or digit first"
        ],
    ),
    "a missing key": (
        {'routes = [{ group = "back" }]': "capacity = 3"},
        ["queues.permits.routes: missing; give a list of tables"],
    ),
    "a time that is none": (
        {'start = "08:00"': 'start = "8.00"'},
        [
            "groups.back.roster.start: '8.00' is not a time of day; write it like 08:30, "
            "at most 24:00"
        ],
    ),
    "a span back in time": (
        {'"08:00-18:00"': '"18:00-08:00"'},
        ["hours.open.weekdays: '18:00-08:00' ends before it starts; a span lies within one day"],
    ),
    "a date as text": (
        {"[menu]": '[horizon]\nstart = "31-01-2024"\n\n[menu]'},
        ["horizon.start: found text '31-01-2024'; give a date like 2024-01-31"],
    ),
    "a number for a date": (
        {"[menu]": "[horizon]\nstart = 20240131\n\n[menu]"},
        ["horizon.start: found 20240131; give a date like 2024-01-31"],
    ),
    "a roster longer than the day": (
        {"weekdays = [2, 3, 4]": "weekdays = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]"},
        [
            "groups.back.roster: weekdays: 17 intervals of 60 min from 08:00 are longer "
            "than the day; shorten the roster"
        ],
    ),
    "arrivals out of order": (
        {"share = 0.6": "arrivals = [3, 1]", "share = 0.4": "share = 1.0"},
        ["topics.other: arrivals must be in order of time"],
    ),
    "a date in a deep place": (
        {"after = 60": "after = 2024-01-31"},
        [
            "queues.kcc.routes.1.after: found the date 2024-01-31; give a duration: "
            "seconds, or a table with a kind"
        ],
    ),
    "cap below shift": (
        {"mean = 300": "mean = 300, shift = 9, cap = 5"},
        ["patience: cap 5 lies below shift 9; raise the cap"],
    ),
    "factors all zero": (
        {"per_year = 100000": "per_year = 100000\nweekday = [0, 0, 0, 0, 0]"},
        ["demand: every factor of weekday is zero; give one above zero"],
    ),
}


@pytest.mark.slow  # 20,000 mistakes
def test_endless_mistakes_are_cut_short(explain: Callable[[dict[str, str]], list[str]]) -> None:
    keys = "\n".join(f"key{number} = 1" for number in range(20_000))
    sentences = explain({"length = 80": f"length = 80\n{keys}"})
    assert len(sentences) == 201
    assert sentences[-1] == "has 200 mistakes or more; mend these first"


@pytest.mark.parametrize(("changes", "sentences"), WRONG.values(), ids=WRONG)
def test_each_mistake_is_explained(
    explain: Callable[[dict[str, str]], list[str]], changes: dict[str, str], sentences: list[str]
) -> None:
    assert explain(changes) == sentences
