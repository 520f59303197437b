"""Files in: variants, settings, marks, addresses, and files that are none."""

from pathlib import Path
from typing import Any

import pytest

from simkcc.errors import ScenarioError
from simkcc.model.distribution import Exponential
from simkcc.model.files import (
    load_all,
    load_scenario,
    parse_address,
    parse_addresses,
    unmarked,
)
from simkcc.model.overlay import lay_over, parse_setting

MARKED = """
[topics.a]
per_hour = { value = 2, unit = "/min", mark = "M", source = "log of March" }
handling.aht = { value = 4, unit = "min", mark = "A", range = [3, 6] }
handling.hold_during = { value = 30, unit = "%" }
[queues.kcc]
routes = [{ group = "g" }]
[groups.g]
roster = { start = 08:00:00, minutes = 60, weekdays = { value = [2, 3], mark = "G" } }
[variants.fast]
topics.a.handling.aht = 200
[variants.slow]
topics.a.handling.aht = { value = 5, unit = "min", mark = "D" }
"""


@pytest.fixture
def marked_file(tmp_path: Path) -> Path:
    file = tmp_path / "marked.toml"
    file.write_text(MARKED)
    return file


def complaint(path: str | Path, variant: str | None = None, *settings: str) -> str:
    """Return the one sentence about a file."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, variant, settings)
    assert len(caught.value.complaints) == 1
    return str(caught.value)


def test_variant_changes_only_what_it_names(good_file: Path) -> None:
    base, short = load_scenario(good_file), load_scenario(good_file, "short")
    assert (base.variant, short.variant) == (None, "short")
    assert base.variants == short.variants == ("short",)
    assert short.applied == {"menu.length": 13}
    assert base.scenario.menu is not None
    menu = base.scenario.menu.model_copy(update={"length": 13.0})
    assert short.scenario == base.scenario.model_copy(update={"menu": menu})


def test_base_is_a_name_too(good_file: Path) -> None:
    assert load_scenario(good_file, "base") == load_scenario(good_file)
    assert list(load_all(good_file)) == ["base", "short"]


def test_file_gives_the_name_if_the_scenario_has_none(marked_file: Path) -> None:
    assert load_scenario(marked_file).scenario.name == "marked"


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": "absent"}, {}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": {"b": "absent", "c": 1}}, {"a": {"c": 1}}),
        (
            {"p": {"kind": "gamma", "mean": 3, "cv": 1}},
            {"p": {"kind": "exponential", "mean": 4}},
            {"p": {"kind": "exponential", "mean": 4}},
        ),
        (
            {"p": {"kind": "gamma", "mean": 3, "cv": 1}},
            {"p": {"mean": 4}},
            {"p": {"kind": "gamma", "mean": 4, "cv": 1}},
        ),
        (
            {"c": {"kind": "callback", "queue": "q"}},
            {"c": {"kind": "form"}},
            {"c": {"kind": "form", "queue": "q"}},
        ),
        ({"a": {"value": 1, "source": "x"}}, {"a": {"value": 2}}, {"a": {"value": 2}}),
        ({"a": {"value": 1}}, {"a": {"note": "x"}}, {"a": {"value": 1, "note": "x"}}),
    ],
)
def test_laying_over(base: Any, over: Any, expected: Any) -> None:
    assert lay_over(base, over) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=13", 13),
        ("a = 1.5", 1.5),
        ("a=true", True),
        ("a=short menu", "short menu"),
        ("a=08:30", "08:30"),
        ('a={kind="gamma"}', {"kind": "gamma"}),
        ("a=[1, 2]", [1, 2]),
        ("a=b=c", "b=c"),
        ("a=1\nb=2", "1\nb=2"),
        ("a=", ""),
    ],
)
def test_value_of_a_setting_is_toml_or_text(text: str, value: object) -> None:
    assert parse_setting(text) == ("a", value)


def test_setting_lies_over_variant_and_file(good_file: Path) -> None:
    settings = [
        "menu.length=7",
        "queues.kcc.routes.1.after=90",
        "patience=absent",
        "replications=9",
    ]
    loaded = load_scenario(good_file, "short", settings)
    assert loaded.scenario.menu is not None
    assert loaded.scenario.menu.length == 7
    assert loaded.scenario.queues["kcc"].routes[1].after.value == 90  # type: ignore[union-attr]
    assert loaded.scenario.patience is None
    assert loaded.applied == {
        "menu.length": 7,
        "queues.kcc.routes.1.after": 90,
        "patience": "absent",
        "replications": 9,
    }


def test_settings_may_be_values_by_key(good_file: Path) -> None:
    loaded = load_scenario(good_file, settings={"patience.mean": 1 / 3})
    assert loaded.scenario.patience == Exponential(kind="exponential", mean=1 / 3)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("menu.lenght=1", "menu.lenght: leads nowhere; did you mean 'menu.length'?"),
        ("menu.length.x=1", "menu.length.x: leads nowhere; menu.length is 80"),
        ("queues.kc.capacity=1", "queues.kc.capacity: leads nowhere; did you mean 'queues.kcc'?"),
        (
            "queues.kcc.routes.2.after=1",
            "queues.kcc.routes.2.after: leads nowhere; places in queues.kcc.routes: 0 to 1",
        ),
        ("topics.permit=absent", "topics.permit: leads nowhere; did you mean 'topics.permits'?"),
        ("patience.men=1", "patience.men: leads nowhere; did you mean 'patience.mean'?"),
        ("lines", "lines: has no key and value; write it like menu.length=13"),
        ("menu.length=long", "menu.length: found text 'long'; give a number of seconds, 0 or more"),
        ("groups.front.agents=-1", "groups.front.agents: found -1; give at least 0"),
    ],
)
def test_setting_that_leads_nowhere_is_refused(
    good_file: Path, setting: str, sentence: str
) -> None:
    assert complaint(good_file, None, setting) == f"--set {sentence}"


def test_mistakes_of_file_and_settings_come_together(good_file: Path) -> None:
    good_file.write_text(good_file.read_text().replace("agents = 6", "agents = -6"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(good_file, settings=["menu.length=-1", "x.y=1"])
    assert caught.value.complaints == (
        "--set menu.length: found -1; give at least 0",
        f"{good_file}: groups.front.agents: found -6; give at least 0",
        caught.value.complaints[2],
    )
    assert caught.value.complaints[2].startswith("--set x.y: leads nowhere; keys here: name, ")


def test_mistake_of_a_variant_is_shown_in_it(good_file: Path) -> None:
    text = good_file.read_text().replace("menu.length = 13", "menu.lenght = 13\nlinez = 3")
    good_file.write_text(text + '[variants.odd]\ntopics.other.share = 0.5\nmenus = "absent"\n')
    with pytest.raises(ScenarioError) as caught:
        load_all(good_file)
    assert caught.value.complaints == (
        f"{good_file}: variants.short.menu.lenght: unknown key; did you mean 'length'?",
        f"{good_file}: variants.short.linez: unknown key; did you mean 'lines'?",
        f"{good_file}: variants.odd.topics: shares add up to 0.9; they must add up to 1",
        f"{good_file}: variants.odd.menus: nothing to take away here; did you mean 'menu'?",
    )


def test_mistake_of_the_base_is_told_once(good_file: Path) -> None:
    good_file.write_text(good_file.read_text().replace("agents = 6", "agents = -6"))
    with pytest.raises(ScenarioError) as caught:
        load_all(good_file)
    assert len(caught.value.complaints) == 1


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        (
            "[variants.base]\nlines = 3",
            "variants.base: this name means the file without a variant; choose another",
        ),
        ("[variants]\nshort = 3", "variants.short: found 3; give a table of what differs"),
        (
            "[variants.'a,b']\nlines = 3",
            "variants.a,b: 'a,b' will not do as a name; use letters, digits, '_', '-' and spaces, "
            "at most 60, a letter or digit first",
        ),
        ("[[variants]]\nlines = 3", "variants: found a list; give a table"),
    ],
)
def test_odd_variants_are_refused(tmp_path: Path, variants: str, sentence: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(MARKED.partition("[variants")[0] + variants)
    assert complaint(file) == f"{file}: {sentence}"


def test_unknown_variant_names_the_nearest(good_file: Path) -> None:
    assert complaint(good_file, "shrt") == f"{good_file}: no variant 'shrt'; did you mean 'short'?"
    assert complaint(good_file, "x") == f"{good_file}: no variant 'x'; it has: short"


def test_marks_are_read_off_in_the_units_of_the_model(marked_file: Path) -> None:
    loaded = load_scenario(marked_file)
    topic = loaded.scenario.topics["a"]
    assert topic.handling is not None
    assert topic.per_hour == 120
    assert (topic.handling.aht, topic.handling.hold_during) == (240, 0.3)
    assert loaded.scenario.groups["g"].roster is not None
    assert loaded.scenario.groups["g"].roster.weekdays == (2, 3)
    mark = loaded.marks["topics.a.handling.aht"]
    assert (mark.value, mark.unit, mark.mark, mark.range) == (4, "min", "A", (3, 6))
    assert mark.limits == (180, 360)
    assert loaded.marks["topics.a.per_hour"].source == "log of March"


def test_plain_number_over_a_marked_one_is_recorded(marked_file: Path) -> None:
    path = "topics.a.handling.aht"
    by_variant = load_scenario(marked_file, "fast")
    assert by_variant.marks[path].set_by == "variant fast"
    assert by_variant.marks[path].value == 4
    by_setting = load_scenario(marked_file, "fast", [f"{path}=100"])
    assert by_setting.marks[path].set_by == "--set"
    other = load_scenario(marked_file, "slow").marks[path]
    assert (other.mark, other.value, other.range, other.set_by) == ("D", 5, None, "")


def test_numbers_without_a_mark_are_listed(marked_file: Path) -> None:
    assert unmarked(load_scenario(marked_file)) == [
        "topics.a.handling.hold_during",
        "groups.g.roster.minutes",
    ]
    assert "topics.a.handling.aht" in unmarked(load_scenario(marked_file, "fast"))


def test_queue_that_nobody_staffs_is_a_warning(marked_file: Path) -> None:
    loaded = load_scenario(marked_file, settings=["groups.g.roster.weekdays=[0, 0]"])
    assert loaded.warnings == ("queues.kcc: nobody ever staffs it; give agents to one of: g",)


@pytest.mark.parametrize(
    ("address", "path", "variants"),
    [
        ("a.toml", "a.toml", ()),
        ("a.toml:short", "a.toml", ("short",)),
        ("a.toml:x, y,z", "a.toml", ("x", "y", "z")),
        ("nowhere:short", "nowhere:short", ()),
        ("a:b.toml", "a:b.toml", ()),
        ("a:b.toml:c", "a:b.toml", ("c",)),
    ],
)
def test_address_is_a_file_and_variants(address: str, path: str, variants: tuple[str, ...]) -> None:
    assert parse_addresses(address) == (Path(path), variants)
    if len(variants) < 2:
        assert parse_address(address) == (Path(path), variants[0] if variants else None)


def test_address_of_a_file_without_suffix(tmp_path: Path) -> None:
    file = tmp_path / "centre"
    file.touch()
    assert parse_address(f"{file}:short") == (file, "short")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("a.toml:", "a.toml:: a name is missing after the colon; write file.toml:a,b"),
        ("a.toml:a,,b", "a.toml:a,,b: a name is missing after the colon; write file.toml:a,b"),
        ("a.toml:a,b", "a.toml: 2 variants are named; name one here: a"),
    ],
)
def test_address_that_is_none_is_refused(address: str, sentence: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_address(address)
    assert str(caught.value) == sentence
