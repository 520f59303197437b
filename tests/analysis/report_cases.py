"""A small comparison with prices, and reports read as a browser would read them."""

from datetime import date
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from simkcc.analysis.compare import Comparison, compare
from simkcc.analysis.report.material import Material
from simkcc.model.files import Loaded, load_scenario

SCENARIO = """
name = "town"
title.nl = "De stad: drie of vier mensen"
title.en = "The town: three or four people"
source = "made up"
notes = ["A note <b>that</b> stands in English."]
replications = 5
[horizon]
start = 2024-01-01
days = 5
[hours.open]
daily = ["08:00-12:00"]
[topics.calls]
per_hour = { value = 60, mark = "A", range = [40, 80], source = "a guess" }
hours = "open"
[menu]
length = 20
hang_up = 0.001
complete.wrong = 0.0
[handling]
aht = { value = 3, unit = "min", mark = "G", source = "counted" }
wrap_up = 30
[patience]
kind = "exponential"
mean = { value = 300, mark = "D" }
[queues.kcc]
routes = [{ group = "team" }]
[groups.team]
agents = 3
hours = "open"
per_hour = { value = 52, mark = "A", range = [5, 60] }
[costs]
avoided = { value = 1.0, mark = "A", range = [0.0, 1.0] }
extra_transfers = { value = 0.0, mark = "A", range = [0.0, 0.15] }
extra_repeats = { value = 0.0, mark = "A", range = [0.0, 0.9] }
back_office_hour = { value = 65, mark = "A", range = [55, 75] }
resumption = { value = 300, mark = "A", range = [0, 1380] }
[providers.firm]
per_hour = { value = 36, mark = "A", range = [30, 90] }
management_per_year = { value = 5000, mark = "A", range = [1000, 90000] }
[[counter_evidence]]
nl = "Elders ging het anders."
en = "It went otherwise elsewhere."
source = "the newspaper"
[[expectations]]
metric = "sl2"
variant = "more"
versus = "three"
sign = "higher"
basis = "predicted"
[variants.three]
title.nl = "met drie"
title.en = "with three"
[variants.more]
title.nl = "met „vier” & meer"
title.en = "with “four” & more"
groups.team.agents = 4
[variants.out]
title.nl = "uitbesteed"
title.en = "outsourced"
groups.team.home = "provider"
groups.team.provider = "firm"
groups.team.per_hour = "absent"
groups.team.agents = 4
"""

VOID = ("meta", "link", "br", "input")


@lru_cache
def loaded(folder: Path) -> tuple[Loaded, ...]:
    """Return the arms of the small comparison."""
    path = folder / "town.toml"
    path.write_text(SCENARIO)
    return tuple(load_scenario(path, name) for name in ("three", "more", "out"))


@lru_cache
def compared(folder: Path) -> Comparison:
    """Return the small comparison."""
    return compare(loaded(folder))


def material(folder: Path) -> Material:
    """Return everything of a report on the small comparison."""
    command = "simkcc compare town.toml:three,more,out"
    return Material(compared(folder), loaded(folder), command, date(2024, 2, 29))


class Page(HTMLParser):
    """A page: whether its elements nest, its text by language, its figures by address."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []
        self.texts: dict[str, list[str]] = {"nl": [], "en": []}
        self.marked: dict[tuple[str, str, str], list[str]] = {}
        self.ids: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self.open.append((tag, found))

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(tag)
        else:
            self.open.pop()

    def handle_data(self, words):
        tongue = next((found["lang"] for tag, found in self.open if tag == "main"), None)
        if tongue is None or not words.strip():
            return
        inner = [found.get("lang") for tag, found in self.open if tag != "html"]
        if inner[-1:] and {"en"} & set(inner) and tongue == "nl":
            return
        if not any(tag in ("code", "pre") for tag, _ in self.open):
            self.texts[tongue].append(words)
        for _, found in self.open:
            for name in ("data-figure", "data-change", "data-band"):
                if name in found:
                    self.marked.setdefault((tongue, name, found[name]), []).append(words)

    def text(self, tongue: str) -> str:
        """Return everything said in one language, no-break spaces as spaces."""
        return plain(" ".join(self.texts[tongue]))


def plain(words: str) -> str:
    """Return words with no-break spaces as spaces, and none at the ends."""
    return " ".join(words.replace("\N{NO-BREAK SPACE}", " ").split())
