"""Accounts of the desk: who there is, with which role, and what was done to the accounts by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from kubmap.domain import MOSCOW, Role
from kubmap.errors import InputError, LoginError, NotFoundError
from kubmap.store import engine as engines
from kubmap.store import throttle
from kubmap.store.identity import uuid7
from kubmap.store.passwords import Passwords, login_of
from kubmap.store.schema import user_events, users

WRONG: Final = "Логин или пароль не подходит."
"""Said of a wrong password and of a login that there is not: nobody learns which logins there are."""


RESERVED: Final = frozenset({"cli", "oidc", "import", "seed", "pull", "feed", "system", "kubmap"})
"""What the history calls programs: no person may be taken for one."""


def clock() -> datetime:
    return datetime.now(MOSCOW)


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `users`, without the hash. `has_password` is false for who comes by OIDC only."""

    id: str
    login: str
    role: Role
    epoch: int
    disabled: bool
    has_password: bool
    created_at: datetime
    last_login_at: datetime | None = None
    out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UserEvent:
    """What `actor` did to the account `login`."""

    at: datetime
    actor: str
    action: str
    login: str
    detail: str


class Users:
    """Accounts in the database of the store; every change is told in `user_events` in the same transaction.

    `by` is who makes the change: a login, or "cli".
    """

    def __init__(
        self, engine: Engine, *, passwords: Passwords | None = None, now: Callable[[], datetime] = clock
    ) -> None:
        self.engine = engine
        self._passwords = passwords or Passwords()
        self._now = now

    def add(self, login: str, role: Role, *, password: str | None, by: str) -> Account:
        """A new account; without a password for who comes by OIDC. Raises InputError."""
        login = login_of(login)
        if login in RESERVED:
            raise InputError(f"Логин «{login}» занят самой программой: возьмите другой.", field="login")
        kept = None if password is None else self._passwords.hash(password, login)
        now = self._now()
        row = {
            "id": uuid7(now), "login": login, "role": role.value, "password": kept, "epoch": 1, "disabled": False,
            "created_at": now.isoformat(),
        }  # fmt: skip
        try:
            with engines.writing(self.engine) as connection:
                connection.execute(insert(users).values(row))
                self._tell(connection, actor=by, action="add", login=login, detail=role.value)
        except IntegrityError:
            raise InputError(f"Логин «{login}» уже есть.", field="login") from None
        return self.get(login)

    def set_password(self, login: str, password: str, *, by: str) -> None:
        """Another password; logs the account out everywhere. Raises InputError, NotFoundError."""
        login = login_of(login)
        kept = self._passwords.hash(password, login)
        with engines.writing(self.engine) as connection:
            row = _row(connection, login)
            self._change(connection, row, {"password": kept, **self._out(row)}, actor=by, action="password")

    def set_role(self, login: str, role: Role, *, by: str) -> None:
        """Another role, from the next request on. Raises NotFoundError; InputError for the last chief."""
        with engines.writing(self.engine) as connection:
            row = _row(connection, login_of(login))
            if row["role"] == role:
                return
            if not role.may(Role.CHIEF):
                _keep_a_chief(connection, row)
            detail = f"{row['role']} → {role.value}"
            self._change(connection, row, {"role": role.value}, actor=by, action="role", detail=detail)

    def set_disabled(self, login: str, *, disabled: bool, by: str) -> None:
        """Bar the account (it is logged out everywhere) or let it in again. Raises as `set_role`."""
        with engines.writing(self.engine) as connection:
            row = _row(connection, login_of(login))
            if bool(row["disabled"]) == disabled:
                return
            if disabled:
                _keep_a_chief(connection, row)
            values = {"disabled": disabled, **(self._out(row) if disabled else {})}
            self._change(connection, row, values, actor=by, action="disable" if disabled else "enable")

    def logout_everywhere(self, login: str, *, by: str) -> None:
        """All sessions of the account end. Raises NotFoundError."""
        with engines.writing(self.engine) as connection:
            row = _row(connection, login_of(login))
            self._change(connection, row, self._out(row), actor=by, action="logout")

    def get(self, login: str) -> Account:
        """Raises NotFoundError."""
        with engines.reading(self.engine) as connection:
            return account(_row(connection, login_of(login)))

    def id_of(self, login: str) -> str | None:
        """The id of the account; None when there is none."""
        with engines.reading(self.engine) as connection:
            return connection.scalar(select(users.c.id).where(users.c.login == _tried(login)))

    def all(self) -> tuple[Account, ...]:
        """All accounts by login."""
        with engines.reading(self.engine) as connection:
            return tuple(account(row) for row in connection.execute(select(users).order_by(users.c.login)).mappings())

    def events(self, *, limit: int = 100) -> tuple[UserEvent, ...]:
        """What was done to accounts, the newest first."""
        with engines.reading(self.engine) as connection:
            rows = connection.execute(select(user_events).order_by(user_events.c.id.desc()).limit(limit)).mappings()
            return tuple(
                UserEvent(datetime.fromisoformat(row["at"]), row["actor"], row["action"], row["login"], row["detail"])
                for row in rows
            )

    def verify(self, login: str, password: str, *, address: str, device: str | None = None) -> Account:
        """The account that login and password open; `address` is the client's, `device` a known one's (throttle.keys).

        Raises:
            LoginError: they do not fit, it is too early to try again, or the account is disabled.
        """
        login = _tried(login)
        wanted = throttle.keys(login, address, device)
        with engines.writing(self.engine) as connection:
            throttle.charge(connection, wanted, self._now())
            row = connection.execute(select(users).where(users.c.login == login)).mappings().one_or_none()
        if not self._passwords.fits(row["password"] if row else None, password) or row is None:
            raise LoginError(WRONG)
        if row["disabled"]:
            raise LoginError("Эта учётная запись отключена: обратитесь к главному редактору.")
        return self._welcome(dict(row), password, wanted)

    def _welcome(self, row: Mapping[str, Any], password: str, wanted: tuple[throttle.Key, ...]) -> Account:
        now = self._now()
        values = {"last_login_at": now.isoformat()}
        renewed = self._passwords.renewed(row["password"], password)
        same = (users.c.id == row["id"]) & (users.c.password == row["password"])
        with engines.writing(self.engine) as connection:
            throttle.release(connection, wanted, now)
            connection.execute(update(users).where(users.c.id == row["id"]).values(values))
            if renewed:
                connection.execute(update(users).where(same).values(password=renewed))
        return account({**row, **values})

    def seen(self, login: str) -> None:
        """Note a login that another way than the password proved (OIDC)."""
        with engines.writing(self.engine) as connection:
            values = {"last_login_at": self._now().isoformat()}
            connection.execute(update(users).where(users.c.login == login_of(login)).values(values))

    def _out(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        return {"epoch": row["epoch"] + 1, "out_at": self._now().isoformat()}

    def _change(self, connection: Connection, row: Mapping[Any, Any], values: Mapping[str, Any], **event: str) -> None:
        connection.execute(update(users).where(users.c.id == row["id"]).values(values))
        self._tell(connection, login=row["login"], **event)

    def _tell(self, connection: Connection, **event: str) -> None:
        connection.execute(insert(user_events).values({"at": self._now().isoformat(), "detail": "", **event}))


def account(row: Mapping[Any, Any]) -> Account:
    """The account of a row of `users`."""
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("last_login_at", "out_at")}
    return Account(
        id=row["id"],
        login=row["login"],
        role=Role(row["role"]),
        epoch=row["epoch"],
        disabled=bool(row["disabled"]),
        has_password=row["password"] is not None,
        created_at=datetime.fromisoformat(row["created_at"]),
        **moments,
    )


def _tried(login: str) -> str:
    """The login as it is kept; what can be none is tried all the same, so that it takes as long."""
    try:
        return login_of(login)
    except InputError:
        return f"?{login[:200]}"


def _row(connection: Connection, login: str) -> Mapping[Any, Any]:
    found = connection.execute(select(users).where(users.c.login == login)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"Нет пользователя «{login}».")
    return dict(found)


def _keep_a_chief(connection: Connection, row: Mapping[Any, Any]) -> None:
    """Raises InputError when the account is the only chief who can log in: nobody could undo it."""
    if row["role"] != Role.CHIEF or row["disabled"]:
        return
    chiefs = (users.c.role == Role.CHIEF.value) & users.c.disabled.is_(False) & (users.c.id != row["id"])
    if connection.execute(select(users.c.id).where(chiefs).limit(1)).first() is None:
        raise InputError("Это единственный главный редактор: сначала назначьте другого.", field="role")
