"""The errors of kubmap, one small tree; nothing here imports from kubmap.

KubmapError
├── DataError (ValueError)        a file of data/geo or a row of it cannot be used
├── InputError (ValueError)       what a person or a file gave cannot be read; names the line or the field
├── NotFoundError (LookupError)   no such incident, place or version
├── ConflictError (RuntimeError)  the record was changed by somebody else since it was read
├── FetchError (OSError)          an address of the network cannot or may not be fetched
├── AccessError (PermissionError) the role does not allow the action
└── LoginError (PermissionError)  login and password do not fit, or too many attempts
"""

from __future__ import annotations


class KubmapError(Exception):
    """Base of every error that kubmap raises on purpose."""


class DataError(KubmapError, ValueError):
    """A data file is missing, broken or of another version."""


class InputError(KubmapError, ValueError):
    """Bad input; the message names the line or the field and says what to do.

    `line` is 1-based, `field` the name of the offending field; both are None where they do not apply.
    """

    def __init__(self, message: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.field = field


class NotFoundError(KubmapError, LookupError):
    """No such record."""


class ConflictError(KubmapError, RuntimeError):
    """The expected version is not the stored one.

    `expected` is the version that the writer had read, `found` the one that is stored now.
    """

    def __init__(self, message: str, *, expected: int, found: int) -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found


class FetchError(KubmapError, OSError):
    """An address cannot or may not be fetched; the message, in Russian, says why."""


class AccessError(KubmapError, PermissionError):
    """The role does not allow the action.

    `role` is the role that is needed ("editor", "chief"), `anonymous` says that nobody is logged in: logging in may
    help. The message is for people, in Russian.
    """

    def __init__(self, message: str, *, role: str, anonymous: bool = False) -> None:
        super().__init__(message)
        self.role = role
        self.anonymous = anonymous


class LoginError(KubmapError, PermissionError):
    """Login and password do not fit, or it is too early to try again: `wait_s` says in how many seconds.

    The message is for people, in Russian, and does not tell whether there is such a login.
    """

    def __init__(self, message: str, *, wait_s: int | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s
