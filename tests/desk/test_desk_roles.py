"""Whoever may not, does not: every public method of the desk, found by looking at it."""

from __future__ import annotations

import inspect

import pytest

from kubmap.desk.desk import Desk
from kubmap.domain import Role
from kubmap.errors import AccessError
from tests.desk.conftest import ANN, READER

METHODS = {name: method for name, method in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")}
CHIEFS = {"purge", "purged"}


def call(desk, name, who):
    """With something for every argument that is needed; the role is asked before any of them is looked at."""
    wanted = list(inspect.signature(METHODS[name]).parameters.values())[2:]
    needed = {each.name: "x" for each in wanted if each.default is inspect.Parameter.empty}
    positional = [
        needed.pop(each.name) for each in wanted if each.name in needed and each.kind is not each.KEYWORD_ONLY
    ]
    return getattr(desk, name)(who, *positional, **needed)


def test_there_are_methods_and_each_takes_who_first():
    assert len(METHODS) > 25
    for method in METHODS.values():
        assert list(inspect.signature(method).parameters)[1] == "who"


@pytest.mark.parametrize("name", sorted(METHODS))
def test_nobody_and_readers_are_refused(desk, name):
    for who in (None, READER):
        with pytest.raises(AccessError) as told:
            call(desk, name, who)
        assert told.value.role == (Role.CHIEF if name in CHIEFS else Role.EDITOR)
        assert told.value.anonymous is (who is None)


@pytest.mark.parametrize("name", sorted(CHIEFS))
def test_editors_are_refused_what_is_the_chiefs(desk, name):
    with pytest.raises(AccessError):
        call(desk, name, ANN)
