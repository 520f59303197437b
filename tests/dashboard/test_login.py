"""Who is let in: passwords, sessions, a proxy's word, the link of a board."""

import asyncio
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from dashboard.test_wall_server import Wall, running
from dashboard.walls import small_centre
from limits import HANG
from tornado.httpclient import HTTPClientError, HTTPResponse

from simkcc.dashboard import login as rules
from simkcc.dashboard.login import ATTEMPTS, Login, Users
from simkcc.errors import SettingError

PASSWORD = "correct horse battery"
KEY = "k" * 40


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "COST", 2**10)
    monkeypatch.setattr(rules, "PER", 10 * HANG)  # a busy machine takes its time for the attempts


@pytest.fixture
def users(tmp_path: Path) -> Users:
    known = Users(tmp_path / "users")
    known.add("an", PASSWORD)
    return Users(tmp_path / "users")


def test_only_the_right_password_of_a_known_name_is_right(users: Users) -> None:
    assert users.check("an", PASSWORD)
    assert not users.check("an", PASSWORD + " ")
    assert not users.check("jan", PASSWORD)
    assert PASSWORD not in users.path.read_text()
    assert users.path.stat().st_mode & 0o777 == 0o600


def test_the_same_password_is_kept_in_another_way_each_time() -> None:
    assert rules.hashed(PASSWORD) != rules.hashed(PASSWORD)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "x" * 101, "a\n"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError):
        Users(tmp_path / "users").add(name, PASSWORD)
    with pytest.raises(SettingError, match="10 characters"):
        Users(tmp_path / "users").add("an", "short")


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "users").write_text("an:secret\n")
    with pytest.raises(SettingError, match="line 1"):
        Users(tmp_path / "users")


def test_a_session_cannot_be_made_or_changed(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    login = Login(users, KEY)
    session = login.session("an")
    assert login.who({}, "10.0.0.1", session) == "an"
    said, _, signed = session.partition(".")
    for wrong in ("", ".", "x.y", said, f"{said}A.{signed}", f"{said}.{signed[:-1]}0", "é.é"):
        assert login.who({}, "10.0.0.1", wrong) == "" or wrong == session
    assert Login(Users(users.path), KEY).who({}, "10.0.0.1", session) == "an"
    users.add("an", "another password")
    assert Login(Users(users.path), KEY).who({}, "10.0.0.1", session) == ""
    now = time.time()
    monkeypatch.setattr(rules.time, "time", lambda: now + rules.SESSION + 1)
    assert login.who({}, "10.0.0.1", session) == ""


def test_a_header_is_believed_from_the_proxy_only() -> None:
    login = Login(header="X-User", proxies=("10.1.0.0/16", "::1"))
    assert login.who({"X-User": "an"}, "10.1.2.3", None) == "an"
    assert login.who({"X-User": "an"}, "10.2.2.3", None) == ""
    assert login.who({"X-User": "an"}, "nonsense", None) == ""
    with pytest.raises(SettingError, match="--proxy"):
        Login(header="X-User", proxies=("10.1.0.0/99",))


async def status(wall: Wall, path: str, **more: object) -> HTTPResponse:
    try:
        return await wall.get(path, follow_redirects=False, **more)
    except HTTPClientError as error:
        assert error.response is not None
        return error.response


def test_the_way_in(tmp_path: Path, users: Users) -> None:
    async def story() -> None:
        async with running(small_centre(tmp_path, "horizon.days=1")) as wall:
            wall.access.login = Login(users, KEY)
            page = {"Accept": "text/html"}
            for path in ("/tv", "/charts", "/stream", "/metrics"):
                assert (await status(wall, path)).code == 401
            asked = await status(wall, "/tv", headers=page)
            assert (asked.code, asked.headers["Location"]) == (302, "login")
            assert (await status(wall, "/health")).code == 200
            form = await status(wall, "/login", headers=page)
            assert b"Aanmelden" in form.body
            assert "default-src 'none'" in form.headers["Content-Security-Policy"]
            await check_passwords(wall)
            await check_key(wall)

    asyncio.run(story())


async def check_passwords(wall: Wall) -> None:
    right = urlencode({"name": "an", "password": PASSWORD})
    entered = await status(wall, "/login", method="POST", body=right)
    cookie = entered.headers["Set-Cookie"]
    assert entered.code == 302
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    session = {"Cookie": cookie.partition(";")[0]}
    for path in ("/tv", "/charts", "/metrics"):
        assert (await status(wall, path, headers=session)).code == 200
    elsewhere = {"Origin": "https://evil.example"}
    assert (await status(wall, "/login", method="POST", body=right, headers=elsewhere)).code == 403
    wrong = urlencode({"name": "an", "password": "guess"})
    codes = [(await status(wall, "/login", method="POST", body=wrong)).code for _ in range(10)]
    assert codes == [401] * ATTEMPTS + [429] * (10 - ATTEMPTS)
    assert (await status(wall, "/login", method="POST", body=right)).code == 429


async def check_key(wall: Wall) -> None:
    assert (await status(wall, "/tv?key=guess")).code == 401
    linked = await status(wall, f"/tv?key={KEY}&lang=fr")
    assert (linked.code, linked.headers["Location"]) == (302, "tv?lang=fr")
    board = {"Cookie": linked.headers["Set-Cookie"].partition(";")[0]}
    assert (await status(wall, "/tv", headers=board)).code == 200
    assert (await status(wall, "/metrics", headers=board)).code == 401
