"""The setting of the C library is taken, and where there is none nothing breaks; what is not needed is not loaded."""

from __future__ import annotations

import ctypes
import importlib
import json  # stands for a package that is loaded
import platform
import subprocess
import sys

import pytest

from kubmap.web.memory import frugal, without


def test_glibc_takes_it():
    assert frugal() is (platform.libc_ver()[0] == "glibc")


def test_another_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert frugal() is False


def test_a_serving_process_does_without_the_large_packages():
    code = "import sys, kubmap.web.public; print(*{'pandas', 'pyarrow', 'altair', 'streamlit'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.split() == []


def test_a_package_is_away_for_as_long_as_wanted(monkeypatch):
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with without("wave"), pytest.raises(ImportError):
        importlib.import_module("wave")
    assert importlib.import_module("wave")


def test_a_package_that_is_loaded_stays():
    with without("json"):
        assert importlib.import_module("json") is json
