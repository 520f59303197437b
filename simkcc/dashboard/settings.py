"""Boards, their tiles and norms: a TOML file per centre, or the one that comes with simkcc."""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from simkcc.dashboard.words import LANGUAGES
from simkcc.errors import SettingError
from simkcc.model.part import Part
from simkcc.model.scenario import Scenario
from simkcc.model.scorecard import shipped

LARGE = ("waiting", "service_level", "agents", "lines")
"""Tiles of the upper row."""

SMALL = (
    "accessibility", "time_to_human", "asa", "abandoned_queue", "abandoned_menu", "in_kcc",
    "direct", "transfers", "callbacks", "provider", "probe", "left_unknown", "desk", "desk_now",
    "cases", "permanence",
)  # fmt: skip
"""Tiles of the middle row."""

CHARTS = ("volume", "service_level", "waiting", "forecast")
"""Charts of the lower row."""

MORE_IS_BETTER = ("service_level", "accessibility", "in_kcc", "direct", "transfers")
LESS_IS_BETTER = (
    "time_to_human", "asa", "abandoned_queue", "abandoned_menu", "callbacks", "longest_wait"
)  # fmt: skip
NORMED = (*MORE_IS_BETTER, *LESS_IS_BETTER)
"""What may have a norm."""

DEFAULT = files("simkcc.dashboard") / "boards" / "default.toml"
OF_SOURCE = files("simkcc.dashboard") / "boards" / "source.toml"
"""The boards of a centre that nobody described."""


class Norm(Part):
    """From where on a figure is good, and from where on it is only a little off."""

    good: float
    """The norm itself."""
    warn: float
    """Until here it is orange; beyond, it is vermillion."""
    name: str = ""
    """Whose norm it is; printed behind it."""

    def status(self, value: float | None, *, less: bool) -> str:
        """Return good, warn or bad; none where there is no figure. less: whether less is better."""
        if value is None:
            return "none"
        sign = -1 if less else 1
        if sign * value >= sign * self.good:
            return "good"
        return "warn" if sign * value >= sign * self.warn else "bad"


class Board(Part):
    """One page of tiles and charts."""

    title: dict[str, str] = Field(default_factory=dict)
    """By language."""
    large: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    """Tiles of the upper row; see LARGE."""
    small: tuple[str, ...] = ()
    """Tiles of the middle row; see SMALL. Of those the centre has something for, the first nine."""
    charts: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    """Charts of the lower row; see CHARTS."""


class Settings(Part):
    """What the boards of a centre look like."""

    boards: Annotated[dict[str, Board], Field(min_length=1)]
    """Pages by name, the first shown first."""
    norms: dict[str, Norm] = Field(default_factory=dict)
    """By figure; see NORMED. A figure without a norm stays grey."""

    def status(self, figure: str, value: float | None) -> str:
        """Return how a figure does: good, warn, bad, or none."""
        norm = self.norms.get(figure)
        return "none" if norm is None else norm.status(value, less=figure in LESS_IS_BETTER)


METRIC_OF = {
    "accessibility": "accessibility_r1", "time_to_human": "time_to_human", "asa": "asa",
    "abandoned_queue": "abandonment", "abandoned_menu": "menu_abandonment",
    "in_kcc": "share_in_kcc", "direct": "direct",
    "transfers": "transfer_success",
}  # fmt: skip
"""The figure behind each tile that may have a norm; that of service_level is the headline."""


def settings_of(scenario: Scenario, path: Path | None, described: bool = True) -> Settings:
    """Return what the boards of a centre look like: its file's word, or what comes with simkcc.

    Without a file the norms of the scenario go before those that come with simkcc: its goal, and
    the first of its scorecards that has a norm for a figure.
    """
    settings = read_settings(path, DEFAULT if described else OF_SOURCE)
    if path is not None:
        return settings
    norms = dict(settings.norms)
    metrics = METRIC_OF | {"service_level": str(scenario.norms.service_level)}
    for figure, metric in metrics.items():
        goal = _norm_of(scenario, metric)
        if figure == "service_level" and scenario.norms.goal is not None:
            goal = scenario.norms.goal
        if goal is not None:
            norms[figure] = Norm(good=goal, warn=_warn(norms.get(figure), goal, figure))
    return settings.model_copy(update={"norms": norms})


def _norm_of(scenario: Scenario, metric: str) -> float | None:
    cards = [shipped()[name] for name in scenario.scorecards]
    for card in (*cards, *scenario.own_scorecards.values()):
        for item in card.items:
            if item.metric == metric:
                norm = item.at_least if item.at_most is None else item.at_most
                if norm is not None:
                    return norm
    return None


def _warn(known: Norm | None, goal: float, figure: str) -> float:
    """Return where orange ends: as far from the norm as in the norm that comes with simkcc."""
    if known is None:
        return goal
    off = abs(known.good - known.warn)
    return goal + off if figure in LESS_IS_BETTER else max(goal - off, 0.0)


def read_settings(path: Path | None, default: Traversable = DEFAULT) -> Settings:
    """Return the settings in a file, or those that come with simkcc."""
    where = "boards" if path is None else str(path)
    try:
        text = default.read_text("utf-8") if path is None else path.read_text("utf-8")
        settings = Settings.model_validate(tomllib.loads(text))
    except OSError as error:
        raise SettingError(f"{where}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{where}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingError(f"{where}: {key}: {first['msg']}") from None
    for key, word, known in _words(settings):
        if word not in known:
            raise SettingError(f"{where}: {key}: '{word}'; it can be {', '.join(known)}")
    return settings


def _words(settings: Settings) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return every word of the file that stands for something here, and what it could be."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    found += [("norms", name, NORMED) for name in settings.norms]
    for name, board in settings.boards.items():
        rows: dict[str, tuple[str, ...]] = {"large": LARGE, "small": SMALL, "charts": CHARTS}
        for row, known in rows.items():
            found += [(f"boards.{name}.{row}", word, known) for word in getattr(board, row)]
        found += [(f"boards.{name}.title", language, LANGUAGES) for language in board.title]
    return found
