"""Whatever happens to a scenario file, it loads or is refused in sentences."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simkcc.errors import ScenarioError
from simkcc.model import guide
from simkcc.model.complaints import value_at
from simkcc.model.files import load_all, load_scenario

TEXTS = (guide.MINIMAL, guide.VARIANTS, guide.JOURNEY)

RELAXED = settings(max_examples=settings.default.max_examples * 3 // 2)

SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["open", "absent", "exponential", "08:30", "kcc", "base", "", "NaN"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "value", "mark", "unit", "x", ""]), inner)
    ),
    max_leaves=6,
)


def as_toml(value: Any) -> str:
    """Return a value in TOML, tables in braces."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{as_toml(key)} = {as_toml(each)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(as_toml(each) for each in value)}]"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return str(value).lower()


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything within a value."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    return [each for key in keys for each in ((*path, key), *paths(value[key], (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a file with a few of its keys or values deleted, replaced, renamed or copied."""
    data = tomllib.loads(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 4))):
        everything = paths(data)
        if not everything:
            break
        path = draw(st.sampled_from(everything))
        parent = value_at(data, path[:-1])
        change = draw(st.sampled_from(["delete", "replace", "rename", "copy"]))
        if change == "replace":
            parent[path[-1]] = draw(VALUES)
        elif change == "copy":
            parent[path[-1]] = json.loads(
                json.dumps(value_at(data, draw(st.sampled_from(everything))))
            )
        elif change == "delete" or isinstance(parent, list):
            del parent[path[-1]]
        else:
            parent[draw(st.text(max_size=6) | st.just(f"{path[-1]}s"))] = parent.pop(path[-1])
    return data


def is_loaded_or_refused(file: Path) -> None:
    try:
        load_all(file)
    except ScenarioError as error:
        assert error.complaints
        for sentence in error.complaints:
            assert sentence.startswith(str(file))
            assert "\n" not in sentence
            assert "Input should" not in sentence


@RELAXED
@given(data=mutated())
def test_changed_tables_load_or_are_refused_in_sentences(tmp_path: Path, data: Any) -> None:
    file = tmp_path / "x.toml"
    lines = [f"{as_toml(key)} = {as_toml(value)}\n" for key, value in data.items()]
    file.write_text("".join(lines), encoding="utf-8", errors="replace")
    is_loaded_or_refused(file)


@RELAXED
@given(st.sampled_from(TEXTS), st.integers(0, 1500), st.integers(0, 40), st.binary(max_size=12))
def test_changed_bytes_load_or_are_refused_in_sentences(
    tmp_path: Path, text: str, start: int, length: int, new: bytes
) -> None:
    file = tmp_path / "x.toml"
    content = text.encode()
    file.write_bytes(content[:start] + new + content[start + length :])
    is_loaded_or_refused(file)


@RELAXED
@given(
    st.text(max_size=20) | st.from_regex(r"[a-z]{1,6}(\.[a-z0-9]{1,6}){0,3}", fullmatch=True),
    VALUES,
)
def test_any_setting_is_applied_or_refused(tmp_path: Path, key: str, value: Any) -> None:
    file = tmp_path / "x.toml"
    file.write_text(guide.VARIANTS)
    try:
        load_scenario(file, "short_menu", {key: value})
    except ScenarioError as error:
        assert all("\n" not in sentence for sentence in error.complaints)


@pytest.mark.parametrize(
    "key", ["queues.permits.routes.1.after", "menu", "topics.other.patience.cv"]
)
@RELAXED
@given(value=VALUES)
def test_any_value_of_a_known_key_is_applied_or_refused(
    tmp_path: Path, key: str, value: Any
) -> None:
    file = tmp_path / "x.toml"
    file.write_text(guide.VARIANTS)
    try:
        load_scenario(file, None, {key: value})
    except ScenarioError as error:
        assert all("\n" not in sentence for sentence in error.complaints)
