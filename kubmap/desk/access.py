"""Who does it and whether they may: asked inside every action of the desk, not in its menus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kubmap.domain import Role
from kubmap.errors import AccessError

ANONYMOUS: Final = None
"""Nobody is logged in: a reader."""

ROLE_NAMES: Final = {Role.READER: "читатель", Role.EDITOR: "редактор", Role.CHIEF: "главный редактор"}
"""What people call the roles."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is logged in. `name` is the login: what the history keeps as the one who did it."""

    id: str
    name: str
    role: Role


def may(user: User | None, role: Role) -> bool:
    """Whether `user` (None: nobody is logged in) has `role` or a higher one."""
    return (Role.READER if user is None else user.role).may(role)


def require(user: User | None, role: Role) -> User:
    """The user, when they may what `role` may.

    Raises:
        AccessError: nobody is logged in, or the role is too low.
    """
    if user is None:
        raise AccessError("Войдите, чтобы сделать это.", role=role, anonymous=True)
    if not user.role.may(role):
        raise AccessError(f"Для этого нужна роль «{ROLE_NAMES[role]}», у вас «{ROLE_NAMES[user.role]}».", role=role)
    return user
