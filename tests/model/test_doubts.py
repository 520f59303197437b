"""What is allowed but hardly meant: every doubt, word for word, and what must not be doubted."""

from pathlib import Path

import pytest
from model.good_centre import ASK, GOOD, changed

from simkcc.model.files import load_all, load_scenario

TOWN = changed(
    GOOD,
    {
        ASK: "",
        "per_year = 100000": "per_year = 60000",
        "agents = 6": 'agents = 3\nhours = "open"',
        "weekdays = [2, 3, 4]": "weekdays = [2, 3, 4, 4, 0, 0, 4, 4, 4, 4]",
    },
)
"""Both groups staff their queues, but for lunch; nothing in it is odd."""

ROLLOUT = """
[rollout]
starts = 2025-01-01
until = 2026-01-01
group = "front"
direct = "permits"
[rollout.departments.permits]
[rollout.departments.other]
[rollout.phases.one]
starts = 2025-01-01
entry = ["permits"]
[rollout.phases.two]
starts = 2025-07-01
entry = ["other"]
"""

HOLIDAY = '[calendar]\ncountry = "BE"\n[horizon]\nstart = 2024-12-25\n'
"""A Wednesday."""

CALLBACK = """
[topics.permits.callback]
name = "promise"
share = 0.1
[callbacks.promise]
queue = "permits"
retry_after = 2
"""

ODD: dict[str, tuple[dict[str, str], str]] = {
    "handling in minutes": (
        {"aht = 240": "aht = 4"},
        'handling.aht: 4 s is very short; if minutes are meant write { value = 4, unit = "min" }',
    ),
    "handling in milliseconds": (
        {"aht = 240": "aht = 240000"},
        "handling.aht: 240000 s is 66.7 hours; times are in seconds",
    ),
    "patience in minutes": (
        {"mean = 300": "mean = 5"},
        'patience.mean: 5 s is very short; if minutes are meant write { value = 5, unit = "min" }',
    ),
    "speed in percent": (
        {"agents = 3": "agents = 3\nspeed = 90"},
        "groups.front.speed: 90 times as fast; 1 is as fast as the handling says",
    ),
    "hanging up as a share": (
        {"length = 80": "length = 80\nhang_up = 0.05"},
        "menu.hang_up: a chance of 0.05 per second; 5 % over a menu of 80 s is 0.00064",
    ),
    "open on Saturday with nobody there": (
        {'weekdays = ["08:00-18:00"]': 'weekdays = ["08:00-18:00"]\nsat = ["09:00-12:00"]'},
        "queues.permits: nobody who may answer is there on Saturday 09:00-12:00, when callers come; "
        "give agents then, or other hours",
    ),
    "a roster of half the day": (
        {"[2, 3, 4, 4, 0, 0, 4, 4, 4, 4]": "[2, 3, 4, 4]"},
        "queues.permits: nobody who may answer is there on Monday 12:00-18:00 and on 4 more days, "
        "when callers come; give agents then, or other hours",
    ),
    "agents at night": (
        {
            'agents = 3\nhours = "open"': 'agents = 3\nhours = "night"',
            "[hours.open]": '[hours.night]\ndaily = ["20:00-22:00"]\n[hours.open]',
        },
        "groups.front: is there only when no callers come to its queues; mend its hours",
    ),
    "agents day and night": (
        {'agents = 3\nhours = "open"': "agents = 3"},
        "groups.front: its agents are there, and paid, around the clock, but callers come within "
        'hours; give hours = "open"',
    ),
    "a weekend": (
        {"[hours.open]": "[horizon]\nstart = 2024-01-06\ndays = 2\n[hours.open]"},
        "horizon: holds Saturday, Sunday only, when no callers come; start on another day, or simulate "
        "longer",
    ),
    "a holiday": (
        {"[hours.open]": HOLIDAY + "days = 1\n[hours.open]"},
        "horizon: holds 2024-12-25 (a holiday) only, when no callers come; start on another day, or "
        "simulate longer",
    ),
    "a weekend after the warm-up": (
        {"[hours.open]": "[horizon]\nstart = 2024-01-05\ndays = 3\nwarm_up_days = 1\n[hours.open]"},
        "horizon: after its warm-up it holds Saturday, Sunday only, when no callers come; start on "
        "another day, or simulate longer",
    ),
    "overflow in minutes": (
        {"after = 60": "after = 2"},
        "queues.kcc.routes.1.after: 2 s is very short; if minutes are meant write { value = 2, unit = "
        '"min" }',
    ),
    "a menu in minutes": (
        {"length = 80": "length = 1.3"},
        'menu.length: 1.3 s is very short; if minutes are meant write { value = 1.3, unit = "min" }',
    ),
    "callbacks tried again after hours": (
        {"[menu]": CALLBACK + "[menu]"},
        "callbacks.promise.retry_after: 2 s is very short; if hours are meant write { value = 2, unit = "
        '"h" }',
    ),
    "a roster of a closed afternoon": (
        {
            'weekdays = ["08:00-18:00"]': 'weekdays = ["08:00-18:00"]\nwed = ["08:00-12:00"]',
        },
        "groups.back: is there, and paid, on Wednesday 14:00-18:00, when no callers come to its queues; "
        "give its roster a wed of its own",
    ),
    "a team without a price": (
        {"agents = 3": "agents = 3\nper_hour = 40"},
        "groups.back.per_hour: no price is given, while others have one; its hours cost nothing. Give "
        "one, or 0 if that is meant",
    ),
    "a contract without a price": (
        {"[groups.front]": "[providers.city]\nminimum_calls = 10\n[groups.front]", "agents = 3": 'agents = 3\nprovider = "city"\nhome = "provider"', "[menu]": "[costs]\nper_year = 1000\n[menu]"},
        "providers.city: its contract has no price; what it does costs nothing",
    ),
    "a route that is never open": (
        {"after = 60": 'after = 60, hours = "never"', "[hours.open]": "[hours.never]\nweekdays = []\n[hours.open]"},
        "queues.kcc.routes.1.hours: 'never' are never open",
    ),
    "a queue nobody joins": (
        {"[menu]": '[queues.third]\nroutes = [{ group = "front" }]\n[menu]'},
        "queues.third: no topic, callback or second line joins it; it stays empty",
    ),
    "a contract of nobody": (
        {"[menu]": "[providers.acme]\nper_call = 3\n[menu]"},
        "providers.acme: nothing names it; it does nothing",
    ),
    "a price that is not paid": (
        {
            "agents = 3": 'agents = 3\nhome = "provider"\nprovider = "acme"\nper_hour = 40',
            "[menu]": "[providers.acme]\nper_call = 3\n[menu]",
        },
        "groups.front.per_hour: is not paid, its provider 'acme' is; give providers.acme.per_hour",
    ),
    "the roster of a larger centre": (
        {
            'roster = { start = "08:00", minutes = 60, weekdays = [2, 3, 4, 4, 0, 0, 4, 4, 4, 4] }':
            "roster.square_root = { beta = 0, per_year = 277000, aht = 240 }",
        },
        "groups.back.roster.square_root.per_year: the roster is made for 277,000 contacts a year, but "
        "60,000 come to its queues; state your own",
    ),
    "a variant like the file": (
        {"menu.length = 13": "menu.length = 80"},
        "variants.short: changes nothing; the file itself says the same of menu.length",
    ),
    "a department that never joins": (
        {"[menu]": ROLLOUT.replace('["other"]', '["permits"]').replace('["permits"]', "[]", 1) + "[menu]"},
        "rollout.departments.other: no phase has its entry; its calls stay at its old number to the "
        "end",
    ),
    "a phase without a change": (
        {"[menu]": ROLLOUT.replace('entry = ["other"]', "") + "[menu]"},
        "rollout.phases.two: changes nothing; give entry, knowledge or a variant",
    ),
    "people after the end": (
        {"[menu]": ROLLOUT + "[[rollout.staff]]\nstarts = 2030-01-01\npeople = 4\n[menu]"},
        "rollout.staff.0: starts after the calendar ends, 2026-01-01",
    ),
}  # fmt: skip


def warnings_of(folder: Path, changes: dict[str, str]) -> set[str]:
    file = folder / "town.toml"
    file.write_text(changed(TOWN, changes))
    return {warning for loaded in load_all(file).values() for warning in loaded.warnings}


@pytest.mark.parametrize(("changes", "sentence"), ODD.values(), ids=ODD)
def test_what_is_hardly_meant_is_doubted(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in warnings_of(tmp_path, changes)


def test_what_is_usual_is_not_doubted(tmp_path: Path) -> None:
    assert warnings_of(tmp_path, {}) == set()
    assert warnings_of(tmp_path, {"[menu]": ROLLOUT + "[menu]"}) == set()


def test_a_part_that_one_variant_uses_is_not_doubted(tmp_path: Path) -> None:
    third = '[queues.third]\nroutes = [{ group = "front" }]\n[menu]'
    joined = {"[menu]": third, "menu.length = 13": 'topics.other.queue = "third"'}
    joined_by_one = warnings_of(tmp_path, joined)
    assert not [each for each in joined_by_one if each.startswith("queues.third")]


def test_a_variant_of_a_title_alone_is_not_doubted(tmp_path: Path) -> None:
    assert warnings_of(tmp_path, {"menu.length = 13": 'title.en = "as it is"'}) == set()


def test_what_one_variant_says_is_doubted_of_that_one(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text(TOWN.replace("menu.length = 13", "handling.aht = 4"))
    assert load_scenario(file).warnings == ()
    assert len(load_scenario(file, "short").warnings) == 1


def test_a_holiday_on_which_the_centre_is_open_or_a_longer_horizon_is_not_doubted(
    tmp_path: Path,
) -> None:
    for changes in (
        {"[hours.open]": HOLIDAY + "days = 2\n[hours.open]"},
        {
            "[hours.open]": HOLIDAY + "days = 1\n[hours.open]\non_holidays = true",
        },
    ):
        assert not [each for each in warnings_of(tmp_path, changes) if "horizon" in each]


def test_a_price_of_zero_that_is_said_is_not_doubted(tmp_path: Path) -> None:
    priced = {
        "agents = 3": "agents = 3\nper_hour = 40",
        "[groups.back]": "[groups.back]\nper_hour = 0",
    }
    assert warnings_of(tmp_path, priced) == set()
