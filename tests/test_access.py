"""Roles: what each may, and what `require` says."""

from __future__ import annotations

from itertools import product

import pytest

from kubmap.desk.access import ANONYMOUS, ROLE_NAMES, User, may, require
from kubmap.domain import Role
from kubmap.errors import AccessError, KubmapError

ORDER = {Role.READER: 0, Role.EDITOR: 1, Role.CHIEF: 2}


@pytest.mark.parametrize(("has", "needed"), list(product(Role, Role)))
def test_a_role_may_what_the_lower_ones_may(has, needed):
    assert has.may(needed) == (ORDER[has] >= ORDER[needed])


@pytest.mark.parametrize(("has", "needed"), list(product(Role, Role)))
def test_require_agrees_with_may(has, needed):
    user = User("1", "ivanov", has)
    assert may(user, needed) == has.may(needed)
    if has.may(needed):
        assert require(user, needed) is user
        return
    with pytest.raises(AccessError) as raised:
        require(user, needed)
    assert raised.value.role == needed
    assert not raised.value.anonymous
    assert ROLE_NAMES[needed] in str(raised.value)


def test_nobody_is_a_reader_and_may_not_write():
    assert may(ANONYMOUS, Role.READER)
    assert not may(ANONYMOUS, Role.EDITOR)
    for role in Role:
        with pytest.raises(AccessError) as raised:
            require(ANONYMOUS, role)
        assert raised.value.anonymous


def test_the_error_is_ours_and_the_standard_one():
    assert issubclass(AccessError, KubmapError)
    assert issubclass(AccessError, PermissionError)
