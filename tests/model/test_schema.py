"""The scenario guide and the JSON schema say what the model says."""

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from simkcc.model import guide, shape
from simkcc.model.distribution import Duration
from simkcc.model.files import load_all
from simkcc.model.journey_checks import EXITS
from simkcc.model.meanings import meanings
from simkcc.model.schema import json_schema, places_of_parts, scenario_guide
from simkcc.model.staffing import WEEKDAYS

GUIDE = Path(__file__).parents[2] / "docs" / "scenario.md"
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", scenario_guide(), re.MULTILINE | re.DOTALL)
SCHEMA = json_schema()


def test_guide_is_up_to_date() -> None:
    assert GUIDE.read_text(encoding="utf-8") == scenario_guide()


def test_guide_has_its_five_examples() -> None:
    assert EXAMPLES == [guide.MINIMAL, guide.VARIANTS, guide.CHANNELS, guide.CASES, guide.JOURNEY]


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=["minimal", "variants", "channels", "cases", "journey"]
)
def test_every_example_loads_without_warnings(tmp_path: Path, example: str) -> None:
    file = tmp_path / "example.toml"
    file.write_text(example)
    assert all(not loaded.warnings for loaded in load_all(file).values())


def test_every_kind_of_duration_has_an_example_that_is_one() -> None:
    for part in shape.parts(Duration):
        text = guide.DURATION_EXAMPLES[shape.kind_name(part)]
        value = tomllib.loads(f"value = {text}")["value"]
        assert type(TypeAdapter(Duration).validate_python(value)) is part


def test_every_kind_of_step_is_described() -> None:
    assert set(guide.STEP_MEANINGS) == set(EXITS)


def test_every_field_has_a_meaning() -> None:
    silent = [
        f"{part.__name__}.{key}"
        for part in places_of_parts()
        for key in part.model_fields
        if not meanings(part).get(key)
    ]
    assert silent == []


def test_every_link_of_the_guide_leads_somewhere() -> None:
    text = scenario_guide()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#(.*?)\)", text)) <= anchors


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=["minimal", "variants", "channels", "cases", "journey"]
)
def test_schema_allows_every_example(example: str) -> None:
    assert allows(SCHEMA, tomllib.loads(example))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("length = { value", "lenght = { value"),
        ('mark = "G"', 'mark = "X"'),
        ("menu.length = 13", "menu.lenght = 13"),
        ("share = 0.4", "share = 1.4"),
        ("share = 0.4", 'share = "0.4"'),
        ('kind = "lognormal"', 'kind = "lognorm"'),
        ("[groups.front_office]", "[group.front_office]"),
        ("[variants.no_overflow]", "[variants.base]"),
    ],
)
def test_schema_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert old in guide.VARIANTS
    assert not allows(SCHEMA, tomllib.loads(guide.VARIANTS.replace(old, new, 1)))


def test_schema_lets_a_variant_take_a_queue_away() -> None:
    text = guide.VARIANTS + '\n[variants.one_queue]\nqueues.permits = "absent"\n'
    assert allows(SCHEMA, tomllib.loads(text))


def test_schema_lets_a_variant_change_part_of_a_distribution() -> None:
    text = guide.VARIANTS + "\n[variants.patient]\ntopics.other.patience.mean = 900\n"
    assert allows(SCHEMA, tomllib.loads(text))


def allows(schema: Any, value: Any) -> bool:
    """Return whether a schema allows a value; knows the words that our schema uses."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        return allows(SCHEMA["$defs"][schema["$ref"].split("/")[-1]], value)
    if isinstance(value, datetime.date | datetime.time):
        value = value.isoformat()
    choices = [allows(each, value) for each in schema.get("anyOf") or schema.get("oneOf") or ()]
    if choices and sum(choices) != 1 and (not any(choices) or "oneOf" in schema):
        return False
    if "not" in schema and allows(schema["not"], value):
        return False
    if ("enum" in schema and value not in schema["enum"]) or schema.get("const", value) != value:
        return False
    return has_type(schema.get("type"), value) and fits(schema, value)


TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (),
}


def has_type(name: str | None, value: Any) -> bool:
    if name is None:
        return True
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def fits(schema: Any, value: Any) -> bool:
    """Return whether the contents of a table or list, or the size of a number, are allowed."""
    if isinstance(value, list):
        return all(allows(schema.get("items", True), each) for each in value)
    if isinstance(value, int | float):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if not isinstance(value, dict):
        return True
    if not all(key in value for key in schema.get("required", ())):
        return False
    names = all(allows(schema.get("propertyNames", True), key) for key in value)
    return names and all(allows(within(schema, key), each) for key, each in value.items())


def within(schema: Any, key: str) -> Any:
    """Return the schema of the value at a key of a table."""
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return inner
    return schema.get("properties", {}).get(key, schema.get("additionalProperties", True))


def test_days_of_hours_and_rosters_are_the_same_in_the_schema() -> None:
    for part in ("Hours", "Roster"):
        assert set(WEEKDAYS) <= set(SCHEMA["$defs"][part]["properties"])
