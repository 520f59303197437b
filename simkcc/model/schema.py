"""What a scenario file may say, for editors (JSON schema) and for people (the scenario guide).

`python -m simkcc.model.schema > docs/scenario.md` refreshes the guide.
"""

import datetime
import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from simkcc.model import guide, shape
from simkcc.model.distribution import Duration, Shaped, Window
from simkcc.model.journey import JourneyStep
from simkcc.model.journey_checks import EXITS, OUTCOMES
from simkcc.model.marks import MEANINGS, UNITS
from simkcc.model.meanings import meanings
from simkcc.model.overlay import ABSENT
from simkcc.model.part import Name, Part
from simkcc.model.scenario import Scenario

Node = dict[str, Any]

MARKED: Node = {
    "title": "Marked number",
    "description": "A number, or a list of numbers, and what it is worth.",
    "type": "object",
    "properties": {
        "value": {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
        "unit": {"enum": sorted({unit for units in UNITS.values() for unit in units})},
        "mark": {"enum": list(MEANINGS)},
        "source": {"type": "string"},
        "range": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "note": {"type": "string"},
    },
    "required": ["value"],
    "additionalProperties": False,
}

ABOUT = ("title", "description", "default")
"""Keys of a schema that say nothing about what is allowed."""


def json_schema() -> Node:
    """Return the JSON schema of a whole file: a scenario, its variants, marked numbers."""
    schema: Node = _allow_marks(_with_meanings(Scenario.model_json_schema()))
    parts: dict[str, Node] = schema.pop("$defs")
    parts["Deterministic"]["required"] = ["kind", "value"]
    partial = {f"{name}Over": _loosened(part) for name, part in parts.items()}
    variants = {"type": "object", "additionalProperties": _loosened(schema),
                "propertyNames": {"not": {"const": "base"}},
                "description": "What differs from the file, by name of the variant."}  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "properties": {**schema["properties"], "variants": variants},
        "$defs": {**parts, **partial, "Marked": MARKED},
    }


def _with_meanings(schema: Node) -> Node:
    """Return a schema whose properties say what they mean."""
    nodes = {Scenario.__name__: schema, **schema["$defs"]}
    parts: list[type[Part]] = [*places_of_parts(), *shape.parts(Duration), Window]
    for part in parts:
        for key, text in meanings(part).items():
            nodes[part.__name__]["properties"][key]["description"] = text
    return schema


def _allow_marks(node: Any) -> Any:
    """Return a schema in which a marked number may stand wherever a number may."""
    if isinstance(node, list):
        return [_allow_marks(each) for each in node]
    if not isinstance(node, dict):
        return node
    marked = {"$ref": "#/$defs/Marked"}
    if "discriminator" in node:
        rest = {key: value for key, value in node.items() if key != "default"}
        return _either(node, {"type": "number", "minimum": 0}, marked, rest)
    if node.get("type") in ("number", "integer"):
        return _either(node, node, marked)
    changed: Node = {key: value if key == "default" else _allow_marks(value)
                     for key, value in node.items()}  # fmt: skip
    if "patternProperties" in node:
        changed["additionalProperties"] = False
    if node.get("type") == "array" and _is_numeric(node.get("items", {})):
        return _either(node, changed, marked)
    return changed


def _is_numeric(node: Node) -> bool:
    return node.get("type") in ("number", "integer")


def _either(about: Node, *choices: Node) -> Node:
    """Return a schema of several choices, described as `about` is."""
    plain = [{key: value for key, value in each.items() if key not in ABOUT} for each in choices]
    return {**{key: about[key] for key in ABOUT if key in about}, "anyOf": plain}


def _loosened(node: Node) -> Node:
    """Return the schema of a table that lists only what differs."""
    over: Node = _renamed({key: value for key, value in node.items() if key != "required"})
    removed = {"const": ABSENT, "description": "Takes the key away."}
    if "properties" in over:
        over["properties"] = {
            key: _either(value, value, removed) for key, value in over["properties"].items()
        }
    return over


def _renamed(node: Any) -> Any:
    """Return a schema that refers to partial tables, and lets tables without a kind add to one."""
    if isinstance(node, list):
        return [_renamed(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "discriminator" in node:
        return {"anyOf": [node, {"type": "object", "not": {"required": ["kind"]}}]}
    changed: Node = {key: _renamed(value) for key, value in node.items()}
    if "$ref" in changed and changed["$ref"] != "#/$defs/Marked":
        changed["$ref"] += "Over"
    if "patternProperties" in changed:
        changed["patternProperties"] = {
            pattern: {"anyOf": [given, {"const": ABSENT}]}
            for pattern, given in changed["patternProperties"].items()
        }
    return changed


def scenario_guide() -> str:
    """Return the guide to scenario files, in Markdown."""
    pages = [guide.INTRODUCTION, guide.MARKS, _mark_table(), _unit_table(), "## Keys\n"]
    distributions: tuple[type[Part], ...] = (*shape.parts(Duration), Window)
    for part, places in places_of_parts().items():
        if part not in (*distributions, JourneyStep):
            pages.append(_page(part, places))
    pages += [guide.DURATIONS, _distribution_table(), guide.SHAPED, _keys(Shaped, ())]
    pages += [_page(part, (), without=("kind", *Shaped.model_fields)) for part in distributions]
    pages += [guide.STEPS, f"```toml\n{guide.JOURNEY}```\n", _step_table()]
    pages.append("Outcomes of an `end`: " + ", ".join(f"`{each}`" for each in OUTCOMES) + ".\n")
    pages.append(_page(JourneyStep, ("journeys.NAME.STEP",)))
    return "\n".join(pages)


def places_of_parts() -> dict[type[Part], list[str]]:
    """Return every part of a scenario in reading order, with the places where it may stand."""
    found: dict[type[Part], list[str]] = {Scenario: []}
    _collect(Scenario, "", found)
    return found


def _collect(part: type[Part], place: str, found: dict[type[Part], list[str]]) -> None:
    for key, kind in shape.fields_of(part).items():
        for inner, suffix in _parts_within(kind):
            if shape.is_duration(kind):
                continue
            at = f"{place}.{key}{suffix}".lstrip(".")
            known = inner in found
            found.setdefault(inner, []).append(at)
            if not known:
                _collect(inner, at, found)


def _parts_within(kind: Any) -> Iterator[tuple[type[Part], str]]:
    """Yield the parts that a field holds, with what its key is followed by."""
    for one in shape.options(kind):
        if get_origin(one) is dict:
            for part, suffix in _parts_within(get_args(one)[1]):
                yield part, f".NAME{suffix}"
        elif get_origin(one) is tuple:
            for part, suffix in _parts_within(get_args(one)[0]):
                yield part, f".N{suffix}"
        elif shape.parts(one):
            yield one, ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _page(part: type[Part], places: Sequence[str], without: Sequence[str] = ()) -> str:
    """Return the heading, places, meaning and table of keys of one part."""
    title = "The whole file" if part is Scenario else part.__name__
    where = f"Stands at {', '.join(f'`{place}`' for place in places)}.\n\n" if places else ""
    about = inspect.cleandoc(part.__doc__ or "")
    return f"### {title}\n\n{where}{about}\n\n{_keys(part, without)}"


def _keys(part: type[Part], without: Sequence[str]) -> str:
    """Return the table of keys of one part."""
    rows = [
        (f"`{key}`", type_words(kind), _default(part.model_fields[key]), f"{shape.unit_of(kind)}",
         _one_line(meanings(part).get(key, "")))
        for key, kind in shape.fields_of(part).items()
        if key not in without
    ]  # fmt: skip
    return _table(("key", "type", "default", "unit", "meaning"), rows)


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def type_words(kind: Any) -> str:
    """Return a type in plain words, with links to the tables it may hold."""
    one = shape.options(kind)[0]
    if shape.is_duration(kind):
        return "[duration](#durations)"
    if get_origin(one) is Literal:
        return ", ".join(f"`{_toml(choice)}`" for choice in get_args(one))
    if get_origin(one) is dict:
        return f"by name: {type_words(get_args(one)[1])}"
    if get_origin(one) is tuple and get_args(one)[0] not in (str, Name):
        return f"list of: {type_words(get_args(one)[0])}"
    if shape.parts(one):
        return f"[{one.__name__}](#{one.__name__.lower()})"
    if one in (int, float):
        return shape.number_in_words("whole number" if one is int else "number", kind)
    return shape.in_words(kind).removeprefix("a ")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value == {} or value == ():
        return ""
    return "" if isinstance(value, Part) else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """Return a value as it is written in a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return f"{value:g}" if abs(value) < 1e6 else f"{value}"


def _mark_table() -> str:
    meanings = {
        "G": "a document or the centre says so",
        "D": "calculated from what is given",
        "A": "nobody knows; this is our guess",
        "M": "counted in logs",
    }
    rows = [(f"`{mark}`", word, meanings[mark]) for mark, word in MEANINGS.items()]
    return _table(("mark", "word", "meaning"), rows)


def _unit_table() -> str:
    names = {"": "none", "share": "share", "s": "seconds"}
    rows = [
        (names.get(unit, f"`{unit}`"), ", ".join(f"`{each}`" for each in known))
        for unit, known in UNITS.items()
    ]
    return _table(("unit of the model", "units you may write"), rows)


def _distribution_table() -> str:
    rows = []
    for part in shape.parts(Duration):
        kind = shape.kind_name(part)
        meaning = _one_line(inspect.cleandoc(part.__doc__ or ""))
        rows.append((f"`{kind}`", meaning, f"`{guide.DURATION_EXAMPLES[kind]}`"))
    return _table(("kind", "meaning", "example"), rows)


def _step_table() -> str:
    rows = [
        (f"`{kind}`", ", ".join(f"`{each}`" for each in exits), guide.STEP_MEANINGS[kind])
        for kind, exits in EXITS.items()
    ]
    return _table(("step", "exits", "what happens"), rows)


if __name__ == "__main__":
    print(scenario_guide(), end="")
