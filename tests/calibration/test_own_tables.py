"""Exports as they really come: separators, encodings, dates, headings, and what is wrong in them."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from simkcc.calibration import cells
from simkcc.calibration.columns import parse_map
from simkcc.calibration.contacts import collect, looks_like_contacts, read_contacts
from simkcc.calibration.counts import read_counts
from simkcc.calibration.tables import DataError, read_table
from simkcc.errors import SettingError

ROWS = [  # time, offered, answered, abandoned, mean handling, answered in time
    ("08:30", 1010, 900, 110, 210.5, 700),
    ("09:00", 1200, 1000, 200, 230.25, 600),
    ("09:30", 990, 950, 40, 199.0, 900),
]


def counts_of(path: Path, columns: str | None = None):
    return read_counts(read_table(path), parse_map(columns))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def dutch(date: str = "08/01/2024") -> str:
    lines = ["Telefonie gemeente;;;;;;", "Datum;Half uur;Aangeboden oproepen;Beantwoorde oproepen;"
             "Afgehaakt;Gemiddelde afhandeltijd (s);Binnen norm"]  # fmt: skip
    for time, offered, answered, abandoned, handling, within in ROWS:
        number = f"{offered:,}".replace(",", ".")
        lines.append(f"{date};{time};{number};{answered};{abandoned};{handling:.2f};{within}".replace(
            f"{handling:.2f}", f"{handling:.2f}".replace(".", ",")))  # fmt: skip
    return "\r\n".join(lines)


def english(separator: str = ",", date: str = "2024-01-08") -> str:
    lines = [separator.join(["Date", "Interval", "Calls Offered", "Calls Answered",
                             "Abandoned calls", "AHT", "Within threshold"])]  # fmt: skip
    lines += [separator.join([date, *map(str, row)]) for row in ROWS]
    return "\n".join(lines)


def french() -> str:
    lines = [
        "Jour\tHeure\tAppels présentés\tAppels répondus\tAppels abandonnés\tDurée moyenne (s)\tDans le délai"
    ]
    lines += ["\t".join(["08-01-2024", *map(str, row)]).replace(".", ",") for row in ROWS]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (dutch(), "utf-8"), (dutch(), "utf-8-sig"), (dutch("8-1-2024"), "cp1252"),
        (dutch("2024-01-08"), "utf-8"), (english(), "utf-8"), (english("|"), "utf-16"),
        ("sep=;\n" + english(";"), "utf-8"), (french(), "cp1252"), (french(), "utf-16"),
    ],
)  # fmt: skip
def test_the_same_figures_come_out_of_every_dialect(tmp_path, text, encoding):
    counts = counts_of(write(tmp_path / "x.csv", text, encoding))
    assert counts.dates.tolist() == [datetime.date(2024, 1, 8).toordinal()]
    inside = slice(17, 20)
    assert counts.of_centre("offered")[0, inside].tolist() == [1010, 1200, 990]
    assert counts.of_centre("abandoned")[0, inside].tolist() == [110, 200, 40]
    assert counts.of_centre("within")[0, inside].tolist() == [700, 600, 900]
    handling = counts.of_centre("handle_seconds") / np.maximum(counts.of_centre("handled"), 1)
    assert handling[0, inside] == pytest.approx([210.5, 230.25, 199.0])
    assert counts.total("offered") == 3200


def test_excel_gives_the_same_figures(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Datum", "Tijd", "Aangeboden", "Beantwoord", "Afgehaakt", "AHT"])
    for time, offered, answered, abandoned, handling, _ in ROWS:
        hour, minute = map(int, time.split(":"))
        span = datetime.time(0, int(handling) // 60, int(handling) % 60)
        day = datetime.datetime(2024, 1, 8)
        sheet.append([day, datetime.time(hour, minute), offered, answered, abandoned, span])
    book.save(tmp_path / "x.xlsx")
    counts = counts_of(tmp_path / "x.xlsx")
    assert counts.of_centre("offered")[0, 17:20].tolist() == [1010, 1200, 990]
    assert counts.total("handle_seconds") == 900 * 210 + 1000 * 230 + 950 * 199


def test_a_broken_workbook_is_one_sentence(tmp_path):
    pytest.importorskip("openpyxl")
    (tmp_path / "x.xlsx").write_bytes(b"PK\3\4 this is no workbook")
    with pytest.raises(DataError, match="is not an Excel workbook"):
        counts_of(tmp_path / "x.xlsx")


def test_quarters_add_up_to_half_hours(tmp_path):
    text = "datum;tijd;aangeboden;beantwoord\n" + "\n".join(
        f"08/01/2024;{9 + q // 4:02d}:{15 * (q % 4):02d};{10 + q};{9 + q}" for q in range(8)
    )
    counts = counts_of(write(tmp_path / "x.csv", text))
    assert counts.minutes == 30
    assert counts.of_centre("offered")[0, 18:22].tolist() == [21, 25, 29, 33]
    assert counts.total("abandoned") == 8


def swapped(text: str, first: str, second: str) -> str:
    return text.replace(first, "@").replace(second, first).replace("@", second)


MISTAKES = [
    (swapped(english(), "Calls Offered", "Calls Answered"), "row 2.*answered cannot lie above offered.*swapped"),
    (swapped(english(), "Calls Offered", "Abandoned calls"), "cannot lie above offered"),
    (swapped(english(), "Calls Answered", "Abandoned calls"), "abandoned 2,850 lies above answered 350.*swapped"),
    (english().replace("990,950", "990,250"), "is not answered.*missing"),
    (english().replace("1200", "12x0"), "row 3, column 'Calls Offered': found '12x0'"),
    (english().replace("1200", "1200.5"), "row 3, column 'Calls Offered': found '1200.5'"),
    (english(date="2024-13-08"), "row 2, column 'Date': found '2024-13-08'"),
    (english(date="01/31/2024"), "the month stands first"),
    (english().replace("09:30", "09:07"), "steps of"),
    (english().replace("09:30", "09:00"), "rows 3 and 4 are both for 2024-01-08 09:00"),
    (english().replace("210.5", "3.5").replace("230.25", "3.8").replace("199.0", "3.3"), "column 'AHT'.*minutes.*:min"),
    (english().replace("210.5", "210500").replace("230.25", "9000"), "more than an hour"),
    (english().replace("Calls Offered", "Foo"), "no column for offered.*--columns offered="),
    ("just one line", "no table"),
    ("Date,Interval,Calls offered\n", "no rows"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), MISTAKES)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        counts_of(write(tmp_path / "x.csv", text))
    assert "\n" not in str(caught.value)


def test_minutes_are_taken_when_the_user_says_so(tmp_path):
    text = english().replace("210.5", "3.5").replace("230.25", "3.8").replace("199.0", "3.3")
    counts = counts_of(write(tmp_path / "x.csv", text), "handling=AHT:min")
    assert counts.total("handle_seconds") == pytest.approx(
        60 * (900 * 3.5 + 1000 * 3.8 + 950 * 3.3)
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("offred=X", "did you mean 'offered'"),
        ("offered", "write it like"),
        ("offered=Nope", "no such column"),
    ],
)
def test_a_wrong_map_of_columns_is_said(tmp_path, text, sentence):
    with pytest.raises(SettingError, match=sentence):
        counts_of(write(tmp_path / "x.csv", english()), text)


# ---------------------------------------------------------------------------------------------
# logs of other tools

LOG = """Start;Beantwoord;Einde;Wachtrij;Medewerker;Nummer
08/01/2024 09:00:00;08/01/2024 09:00:12;08/01/2024 09:03:12;burgerzaken;An;0470 00 00 01
08/01/2024 09:01:00;;08/01/2024 09:02:30;burgerzaken;;0470 00 00 02
08/01/2024 09:05:00;08/01/2024 09:05:02;08/01/2024 09:06:02;afval;Bo;0470000001
"""


def log_of(path: Path, columns: str | None = None):
    return collect(read_contacts(read_table(path), parse_map(columns)))


def test_a_log_of_another_tool_becomes_contacts(tmp_path):
    path = write(tmp_path / "x.csv", LOG)
    assert looks_like_contacts(read_table(path), {})
    found = log_of(path)
    assert found.wait.tolist() == [12, 90, 2]
    assert found.answered.tolist() == [True, False, True]
    assert found.talk[[0, 2]].tolist() == [180, 60]
    assert [found.queues[q] for q in found.queue] == ["burgerzaken", "burgerzaken", "afval"]
    assert found.caller[0] == found.caller[2] != found.caller[1]


def test_numbers_of_callers_are_nowhere_kept(tmp_path):
    path = write(tmp_path / "x.csv", LOG)
    first, second = log_of(path), log_of(path)
    assert "47000000" not in repr(first)
    # Another run has another key: pseudonyms cannot be joined between runs.
    assert set(first.caller.tolist()).isdisjoint(second.caller.tolist())


def test_swapped_moments_are_refused(tmp_path):
    text = swapped(LOG, "Beantwoord", "Einde")
    with pytest.raises(DataError, match=r"cannot lie before.*swapped"):
        log_of(write(tmp_path / "x.csv", text))


def test_a_column_map_names_what_headings_do_not(tmp_path):
    text = LOG.replace("Start;", "t0;").replace("Beantwoord;", "t1;").replace("Einde;", "t2;")
    path = write(tmp_path / "x.csv", text)
    with pytest.raises(DataError, match="no column for arrived"):
        log_of(path)
    assert len(log_of(path, "arrived=t0,answered=t1,ended=t2")) == 3


# ---------------------------------------------------------------------------------------------
# cells


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("1.234,5", True, 1234.5), ("1,234.5", False, 1234.5), ("12 345", True, 12345),
        ("67 %", True, 0.67), ("6,5%", True, 0.065), ("-3", False, -3), (" 7 ", False, 7),
        ("1,5", False, None), ("1.5.2", True, None), ("abc", True, None), ("", True, None),
        (True, False, None),
    ],
)  # fmt: skip
def test_numbers(text, comma, value):
    assert cells.number(text, comma) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5:36", 336),
        ("1:02:03", 3723),
        ("95", 95),
        (datetime.timedelta(minutes=2), 120),
        ("x", None),
    ],
)
def test_durations(text, seconds):
    assert cells.duration(text, True) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "08:30", "8:30", "08:30:00", "8u30", "8h30", "08:30-09:00", "08:30 tot 09:00", "8:30 AM",
        "08:30 a.m.", "8:30 AM - 9:00 AM",
    ],
)  # fmt: skip
def test_times_of_day(text):
    assert cells.clock(text) == 8.5 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-08T09:30:15", "8/1/2024 9:30:15", "08-01-2024 09:30:15", "2024-01-08 09:30:15+01:00",
        "2024-01-08T08:30:15Z", "2024-01-08T08:30:15.000+00:00", "2024-01-08T03:30:15 -0500",
        "8/1/2024 9:30:15 AM",
    ],
)  # fmt: skip
def test_moments(text):
    assert cells.moment(text) == datetime.datetime(2024, 1, 8, 9, 30, 15)


def test_moments_in_utc_follow_the_clock_of_summer():
    assert cells.moment("2024-07-01T22:15:00Z") == datetime.datetime(2024, 7, 2, 0, 15)


def test_afternoons_of_a_clock_of_twelve_hours():
    assert cells.clock("12:05 PM") == 12 * 3600 + 300
    assert cells.clock("12:05 AM") == 300
    assert cells.clock("4:30 pm") == 16.5 * 3600
    assert cells.clock("13:30 PM") is None
