"""A small centre with two departments and a rollout, as a file, for tests of rollout and policies."""

from pathlib import Path
from typing import Any

from simkcc.model.files import Loaded, load_scenario

TOWN = """
name = "town"
replications = 3
[horizon]
start = 2024-01-01
weeks = 2
[hours.open]
weekdays = ["09:00-16:00"]
[demand]
hours = "open"
[handling]
talk = { kind = "exponential", mean = 120.0 }
wrap_up = 30
[patience]
kind = "exponential"
mean = { value = 450, mark = "A", range = [300, 600] }
[topics.taxes]
per_year = { value = 30000, mark = "A", range = [24000, 36000] }
queue = "kcc"
second_line = { name = "offices", share = { value = 0.2, mark = "A", range = [0.1, 0.3] } }
[topics.permits]
per_year = 15000
queue = "kcc"
second_line = { name = "offices", share = 0.5 }
[second_lines.offices]
available = 0.8
pick_up = 15
take_back = 30
talk = 240
callback = "note"
[callbacks.note]
effort = 300
delay = 3600
[queues.kcc]
routes = [{ group = "kcc" }]
[queues.direct]
routes = [{ group = "offices" }]
[groups.kcc]
agents = { value = 4, mark = "A", range = [2, 6] }
hours = "open"
per_hour = 50
[groups.offices]
agents = 10
hours = "open"
line = 2
[norms]
goal = 0.8

[rollout]
starts = 2024-01-01
until = 2024-12-31
group = "kcc"
direct = "direct"
half_life = { value = 3, mark = "A", range = [1, 6] }
learning = 3
staff = [{ starts = 2024-01-01, people = 4 }]
absences = [{ starts = 2024-08-15, until = 2024-09-01, people = 3 }]
[rollout.departments.taxes]
title = { nl = "belastingen", en = "taxes" }
[rollout.departments.permits]
[rollout.phases.first]
title = { nl = "fase 1", en = "phase 1" }
starts = 2024-04-01
entry = ["taxes"]
knowledge = ["taxes"]
[rollout.phases.second]
starts = 2024-11-18
abolished = ["taxes", "permits"]
[variants.talkative]
handling = { talk = 400, wrap_up = 30 }
[variants.fitted]
topics.taxes.second_line.share = { value = 0.35, mark = "M", range = [0.3, 0.4] }
handling.talk = { kind = "lognormal", mean = { value = 95, mark = "M" }, cv = 1.1 }
handling.wrap_up = 20
"""


def town(folder: Path, text: str = TOWN, variant: str | None = None, **settings: Any) -> Loaded:
    """Load the town, with settings at dotted keys (`__` for the dot)."""
    file = folder / "town.toml"
    file.write_text(text)
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    return load_scenario(file, variant, keys)
