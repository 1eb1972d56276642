"""Accounts, sessions and failed logins, on each database."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import median

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from kubmap.domain import MOSCOW, Role
from kubmap.errors import InputError, LoginError, NotFoundError
from kubmap.store import Store, throttle
from kubmap.store import engine as engines
from kubmap.store.passwords import Passwords, check, login_of, random_password
from kubmap.store.schema import login_failures, sessions
from kubmap.store.sessions import OF_A_USER, Limits, Sessions
from kubmap.store.users import Users

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "верная лошадь батарея"
HERE = "203.0.113.7"


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, 0, tzinfo=MOSCOW)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(store: Store, clock: Clock) -> Users:
    return Users(store.engine, passwords=Passwords(CHEAP), now=clock)


@pytest.fixture
def logins(store: Store, clock: Clock) -> Sessions:
    return Sessions(store.engine, limits=Limits(timedelta(hours=12), timedelta(days=7)), now=clock)


def wait(users: Users, login: str, password: str, **where: str) -> int | None:
    """Seconds to wait, None when the password did not fit; fails the test when it did."""
    with pytest.raises(LoginError) as refused:
        users.verify(login, password, **{"address": HERE, **where})
    return refused.value.wait_s


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ivanov", "ivanov"), ("  ИВАНОВ ", "иванов"), ("ｄｕｔｙ", "duty"), ("A.B@Kuban.example", "a.b@kuban.example")],
)
def test_a_login_is_kept_in_one_form(users: Users, typed: str, kept: str) -> None:
    assert users.add(typed, Role.EDITOR, password=PASSWORD, by="cli").login == kept
    assert users.verify(typed, PASSWORD, address=HERE).login == kept


@pytest.mark.parametrize("login", ["", "x", "a b", "a\u202eb", "a\u200bb", "<b>x</b>", "-rf", "a/b", "a" * 101, "a\nb"])
def test_what_is_no_login_is_refused(login: str) -> None:
    with pytest.raises(InputError) as refused:
        login_of(login)
    assert refused.value.field == "login"


@pytest.mark.parametrize(
    "password",
    ["", "короткий", "x" * 257, "aaaaaaaaaaaa", "Dezhurniy-Redaktor", "1234567890", "0987654321", "QWERTYuiop",
     "йцукенгшщзх", "password2026!", "Редактор2026", "abcdefghijkl"],
)  # fmt: skip
def test_bad_passwords_are_refused_with_the_reason(password: str) -> None:
    with pytest.raises(InputError, match="Пароль") as refused:
        check(password, "dezhurniy-redaktor")
    assert refused.value.field == "password"


def test_random_passwords_pass_the_check_and_differ() -> None:
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    assert all(check(each, "editor") == each for each in made)


def test_the_same_characters_from_another_keyboard_are_the_same_password(users: Users) -> None:
    users.add("editor", Role.EDITOR, password="ёлочный йод 2026", by="cli")
    assert users.verify("editor", "е\u0308лочный и\u0306од 2026", address=HERE)


@pytest.mark.parametrize("login", ["cli", "Import", "oidc"])
def test_nobody_is_called_like_a_program(users: Users, login: str) -> None:
    with pytest.raises(InputError, match="занят самой программой"):
        users.add(login, Role.EDITOR, password=PASSWORD, by="cli")


def test_only_a_hash_is_stored(store: Store, users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT password FROM users")).startswith("$argon2id$")


def test_one_login_one_account(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    with pytest.raises(InputError, match="уже есть"):
        users.add("EDITOR", Role.CHIEF, password=PASSWORD, by="cli")


def test_parameters_that_changed_are_taken_at_the_next_login(store: Store, users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    dearer = Users(store.engine, passwords=Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    query = text("SELECT password FROM users")
    with store.engine.connect() as connection:
        before = connection.scalar(query)
    dearer.verify("editor", PASSWORD, address=HERE)
    with store.engine.connect() as connection:
        after = connection.scalar(query)
    assert ("t=1" in before, "t=2" in after) == (True, True)
    assert dearer.verify("editor", PASSWORD, address=HERE)


def test_unknown_logins_and_wrong_passwords_are_told_alike(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    users.add("byoidc@kuban.example", Role.EDITOR, password=None, by="cli")
    said = []
    for number, login in enumerate(("editor", "nobody", "no login at all!", "byoidc@kuban.example")):
        with pytest.raises(LoginError) as refused:
            users.verify(login, "не тот пароль", address=f"203.0.113.{number}")
        said.append((str(refused.value), refused.value.wait_s))
    assert len(set(said)) == 1


def test_unknown_logins_wait_as_long_as_known_ones(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    known = [wait(users, "editor", "не тот", address="203.0.113.1") for _ in range(6)]
    unknown = [wait(users, "nobody", "не тот", address="203.0.113.2") for _ in range(6)]
    assert known == unknown
    assert known[:4] == [None] * 4
    assert all(known[4:])


def test_unknown_logins_take_as_long_as_known_ones(store: Store) -> None:
    """Medians of interleaved attempts at the real cost of a hash; a look-up without one would be 100 times faster."""
    users = Users(store.engine, passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=32_768, parallelism=1)))
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    users.add("barred", Role.EDITOR, password=None, by="cli")
    taken: dict[str, list[float]] = {"editor": [], "nobody": [], "barred": []}
    for round_ in range(7):
        for login, times in taken.items():
            with engines.writing(store.engine) as connection:
                connection.execute(login_failures.delete())
            begun = time.perf_counter()
            wait(users, login, "не тот пароль", address=f"198.51.100.{round_}")
            times.append(time.perf_counter() - begun)
    found = [median(times[1:]) for times in taken.values()]
    assert max(found) < 2.5 * min(found), found


def test_each_failure_makes_the_next_wait_longer_up_to_a_bound(users: Users, clock: Clock) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    waits = []
    for number in range(20):
        assert wait(users, "editor", "не тот", address=f"10.0.0.{number}") is None
        if (early := throttle.LOGIN.wait(number + 1)) > timedelta(0):
            waits.append(wait(users, "editor", PASSWORD, address=f"10.0.0.{number}"))  # right, but too early
            assert waits[-1] == early.total_seconds()
            clock.now += early
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2, 900)
    clock.pass_by(seconds=1)
    assert users.verify("editor", PASSWORD, address=HERE)
    assert wait(users, "editor", "не тот") is None  # the count began anew


def test_a_refused_early_attempt_does_not_lengthen_the_wait(users: Users, clock: Clock) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    for _ in range(4):
        wait(users, "editor", "не тот")
    assert {wait(users, "editor", "не тот") for _ in range(10)} == {2}
    clock.pass_by(seconds=2.5)
    assert users.verify("editor", PASSWORD, address=HERE)


def test_one_address_cannot_try_many_logins(users: Users) -> None:
    waits = [wait(users, f"login{number}", "один и тот же") for number in range(throttle.ADDRESS.free + 5)]
    assert not any(waits[: throttle.ADDRESS.free])
    assert all(waits[throttle.ADDRESS.free + 1 :])
    assert wait(users, "login-x", "один и тот же", address="203.0.113.8") is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_customer_are_one(address: str, network: str) -> None:
    assert throttle.network(address) == network


def test_strangers_do_not_lock_the_owner_out_of_a_known_device(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    for number in range(30):
        with pytest.raises(LoginError):
            users.verify("editor", "не тот", address=f"10.1.0.{number}")
    assert wait(users, "editor", PASSWORD)
    assert users.verify("editor", PASSWORD, address=HERE, device="mine")
    assert [wait(users, "editor", "не тот", device="mine") for _ in range(5)][-1]


def test_attempts_at_once_get_no_further_than_one_after_another(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")

    def attempt(number: int) -> bool:
        return wait(users, "editor", "не тот", address=f"10.2.0.{number}") is None

    with ThreadPoolExecutor(8) as pool:
        tried = sum(pool.map(attempt, range(24)))
    assert tried == throttle.LOGIN.free + 1


def test_failures_take_a_bounded_room_and_the_tried_login_stays(
    users: Users, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "KEPT", 20)
    for _ in range(4):
        wait(users, "editor", "не тот")
    for number in range(60):
        wait(users, f"name{number}", "не тот", address=f"10.3.0.{number}")
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(login_failures)) <= 20
    assert wait(users, "editor", "не тот", address="10.4.0.1")


def test_a_disabled_account_does_not_log_in_and_says_so_only_to_its_owner(users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    users.set_disabled("editor", disabled=True, by="chief")
    with pytest.raises(LoginError, match="отключена"):
        users.verify("editor", PASSWORD, address=HERE)
    with pytest.raises(LoginError, match="не подходит"):
        users.verify("editor", "не тот", address=HERE)
    users.set_disabled("editor", disabled=False, by="chief")
    assert users.verify("editor", PASSWORD, address=HERE)


def test_the_last_chief_stays(users: Users) -> None:
    users.add("first", Role.CHIEF, password=PASSWORD, by="cli")
    for change in (
        lambda: users.set_role("first", Role.EDITOR, by="first"),
        lambda: users.set_disabled("first", disabled=True, by="first"),
    ):
        with pytest.raises(InputError, match="единственный"):
            change()
    users.add("second", Role.CHIEF, password=PASSWORD, by="first")
    users.set_role("first", Role.EDITOR, by="second")
    assert users.get("first").role is Role.EDITOR


def test_what_was_done_to_accounts_is_kept_and_cannot_be_changed(store: Store, users: Users) -> None:
    users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    users.set_role("editor", Role.CHIEF, by="cli")
    users.add("two", Role.CHIEF, password=PASSWORD, by="editor")
    users.set_password("two", "другой пароль", by="editor")
    users.set_disabled("two", disabled=True, by="editor")
    users.logout_everywhere("editor", by="editor")
    told = [(each.actor, each.action, each.login, each.detail) for each in reversed(users.events())]
    assert told == [
        ("cli", "add", "editor", "editor"),
        ("cli", "role", "editor", "editor → chief"),
        ("editor", "add", "two", "chief"),
        ("editor", "password", "two", ""),
        ("editor", "disable", "two", ""),
        ("editor", "logout", "editor", ""),
    ]
    for statement in ("UPDATE user_events SET actor = 'x'", "DELETE FROM user_events"):
        with pytest.raises(DBAPIError, match="append-only"), engines.writing(store.engine) as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.set_password("nobody", PASSWORD, by="cli"),
        lambda users: users.set_role("nobody", Role.CHIEF, by="cli"),
        lambda users: users.set_disabled("nobody", disabled=True, by="cli"),
        lambda users: users.logout_everywhere("nobody", by="cli"),
    ],
)
def test_an_account_that_there_is_not(users: Users, change: Callable[[Users], None]) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        change(users)


def test_a_session_lives_while_it_is_used(users: Users, logins: Sessions, clock: Clock) -> None:
    secret = logins.begin(users.add("editor", Role.EDITOR, password=PASSWORD, by="cli"))
    for _ in range(4):
        clock.pass_by(hours=11)
        found = logins.find(secret)
        assert found
        assert found.login == "editor"
        logins.note(secret)
    clock.pass_by(hours=7)
    assert logins.find(secret)  # looking is no use
    clock.pass_by(hours=6)
    assert logins.find(secret) is None
    logins.note(secret)
    assert logins.find(secret) is None


def test_a_session_ends_after_a_week_in_any_case(users: Users, logins: Sessions, clock: Clock) -> None:
    secret = logins.begin(users.add("editor", Role.EDITOR, password=PASSWORD, by="cli"))
    for _ in range(16):
        clock.pass_by(hours=10)
        assert logins.find(secret)
        logins.note(secret)
    clock.pass_by(hours=8.5)
    assert logins.find(secret) is None


def test_the_role_of_a_session_is_the_role_of_now(users: Users, logins: Sessions) -> None:
    secret = logins.begin(users.add("editor", Role.EDITOR, password=PASSWORD, by="cli"))
    users.set_role("editor", Role.READER, by="cli")
    found = logins.find(secret)
    assert found
    assert found.role is Role.READER


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.logout_everywhere("editor", by="editor"),
        lambda users: users.set_password("editor", "совсем другой", by="chief"),
        lambda users: users.set_disabled("editor", disabled=True, by="chief"),
    ],
)
def test_all_sessions_end_with(users: Users, logins: Sessions, change: Callable[[Users], None]) -> None:
    account = users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    other = logins.begin(users.add("other", Role.EDITOR, password=PASSWORD, by="cli"))
    secrets = [logins.begin(account) for _ in range(3)]
    assert logins.count()[account.id] == 3
    change(users)
    assert [logins.find(secret) for secret in secrets] == [None] * 3
    assert account.id not in logins.count()
    assert logins.find(other)
    users.set_disabled("editor", disabled=False, by="chief")
    assert [logins.find(secret) for secret in secrets] == [None] * 3


def test_logging_out_ends_one_session(users: Users, logins: Sessions) -> None:
    account = users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    here, there = logins.begin(account), logins.begin(account)
    logins.end(here)
    assert logins.find(here) is None
    assert logins.find(there)


def test_the_table_does_not_hold_what_the_browser_shows(users: Users, logins: Sessions, store: Store) -> None:
    secret = logins.begin(users.add("editor", Role.EDITOR, password=PASSWORD, by="cli"))
    with store.engine.connect() as connection:
        assert secret not in repr(connection.execute(select(sessions)).all())


def test_sessions_of_one_account_are_bounded_and_old_ones_go(
    users: Users, logins: Sessions, store: Store, clock: Clock
) -> None:
    account = users.add("editor", Role.EDITOR, password=PASSWORD, by="cli")
    first = logins.begin(account)
    for _ in range(OF_A_USER):
        clock.pass_by(seconds=1)
        last = logins.begin(account)
    assert (logins.find(first), logins.find(last) is not None) == (None, True)
    clock.pass_by(days=8)
    logins.begin(account)
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(sessions)) == 1
