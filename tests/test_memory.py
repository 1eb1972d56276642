"""The setting of the C library is taken, and where there is none nothing breaks."""

from __future__ import annotations

import ctypes
import platform

from kubmap.web.memory import frugal


def test_glibc_takes_it():
    assert frugal() is (platform.libc_ver()[0] == "glibc")


def test_another_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert frugal() is False
