"""`simkcc wallboard`: what it refuses, in one sentence."""

from pathlib import Path

import pytest
from small import SMALL

from simkcc.commands.wallboard import wallboard
from simkcc.errors import SimkccError


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bind": "0.0.0.0"}, "--without-login"),
        ({"replay": Path("x"), "listen": "urn:a"}, "one source"),
        ({"export": Path("x.jsonl")}, "--store"),
        ({"at": "25:00"}, "like 09:30"),
        ({"at": "morning"}, "like 09:30"),
        ({"speed": 1000.0}, "1 to 600"),
        ({"zone": "Europe/Atlantis"}, "no such zone"),
        ({"zone": "../etc/passwd"}, "no such zone"),
        ({"listen": "urn:a"}, "--token-file"),
        ({"listen": "urn:a", "token_file": Path("/no/such")}, "cannot be read"),
        ({"boards": Path("/no/such")}, "cannot be read"),
        ({"replay": Path("/no/such")}, "no such file"),
        ({"source": "/no/such"}, "no such file"),
        ({"source": "x", "listen": "urn:a"}, "one source"),
        ({"header": "X-User"}, "--proxy"),
        ({"add_user": "an"}, "--users"),
        ({"board_key": Path("/no/such")}, "cannot be read"),
        ({"day": "yesterday"}, "horizon.start"),
        ({"store": "/no/such/folder/events.db"}, "unable to open"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, settings: dict[str, object], said: str
) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    with pytest.raises(SimkccError) as caught:
        wallboard(str(path), **settings)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("short")
    with pytest.raises(SimkccError, match="16 characters"):
        wallboard(listen="urn:a", token_file=path)
