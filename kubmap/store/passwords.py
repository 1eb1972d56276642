"""Logins and passwords: how they are written, what is refused, how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kubmap.errors import InputError

SHORTEST: Final = 10
LONGEST: Final = 256
"""Characters of a password; argon2 itself has no limit, a request has."""
DIFFERENT: Final = 5
"""Different characters that a password has at the least."""
LONGEST_LOGIN: Final = 100  # an e-mail address may be one

_ROWS = ("12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujm",
         "йцукенгшщзхъфывапролджэячсмитьбю", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя")  # fmt: skip
_FIRST_TRIED = re.compile(r"(password|passw0rd|пароль|qwerty|йцукен|admin|админ|editor|редактор|kubmap|кубань)[\W\d_]*")
"""What a guesser tries first: a word of the trade with figures behind it."""

_LOGIN = re.compile(rf"\w[\w.@+-]{{1,{LONGEST_LOGIN - 1}}}")
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else


def login_of(text: str) -> str:
    """The login as it is kept: NFKC, without case, without spaces around. Raises InputError."""
    login = unicodedata.normalize("NFKC", text).strip().casefold()
    if not _LOGIN.fullmatch(login):
        raise InputError(
            f"Логин: от 2 до {LONGEST_LOGIN} букв и цифр без пробелов, можно . _ - @ + внутри.", field="login"
        )
    return login


def check(password: str, login: str) -> str:
    """The password as it is hashed (NFKC: the same characters from any keyboard). Raises InputError."""
    found = _form(password)
    if len(found) < SHORTEST:
        raise InputError(f"Пароль короткий: нужно не меньше {SHORTEST} знаков.", field="password")
    if len(found) > LONGEST:
        raise InputError(f"Пароль длинный: можно не больше {LONGEST} знаков.", field="password")
    if found.casefold() == login or found.casefold() == login.partition("@")[0]:
        raise InputError("Пароль не должен совпадать с логином.", field="password")
    if _is_guessed(found.casefold()):
        raise InputError("Пароль угадывается сразу: возьмите несколько случайных слов.", field="password")
    if len(set(found)) < DIFFERENT:
        raise InputError(f"Пароль слишком прост: нужно не меньше {DIFFERENT} разных знаков.", field="password")
    return found


def _is_guessed(folded: str) -> bool:
    """Whether it is a run along the keyboard or the alphabet, either way, or a word of the trade with figures."""
    return _FIRST_TRIED.fullmatch(folded) is not None or any(folded in row or folded[::-1] in row for row in _ROWS)


def random_password() -> str:
    """Four groups of five: 99 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def _form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes and checks; `hasher` says at what cost."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _dummy(self) -> str:
        """A hash that no password fits, of the same cost as any."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str, login: str) -> str:
        """The hash to keep, of a password that `check` lets pass."""
        return self._hasher.hash(check(password, login))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is that of the hash. None, for a login that there is not, takes as long."""
        dummy = self._dummy
        try:
            self._hasher.verify(kept or dummy, _form(password[: LONGEST * 4]))
        except (Argon2Error, InvalidHashError):
            return False
        return kept is not None

    def renewed(self, kept: str, password: str) -> str | None:
        """A new hash of the password that fits, where today's parameters are others than those of `kept`."""
        return self._hasher.hash(_form(password)) if self._hasher.check_needs_rehash(kept) else None
