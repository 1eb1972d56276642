"""JSON lines: nothing is lost, every bad line is named."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from kubmap.errors import InputError
from kubmap.geocode.batch import MAX_LINE_BYTES, Done, Reject, bounded, decode, encode, process


def echo(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if "text" not in row:
        raise InputError("text is missing", field="text")
    return row


def test_order_is_kept_and_bad_lines_are_set_aside_with_their_number() -> None:
    lines = [b'{"text": "a"}\n', b"\n", b"{oops\n", b"[1]\n", b'{"id": 1}\n', b'{"text": "b"}']
    out = list(process(lines, echo))
    assert [type(item) for item in out] == [Done, Reject, Reject, Reject, Done]
    assert [item.line for item in out] == [1, 3, 4, 5, 6]
    assert out[3].as_dict() == {"line": 5, "field": "text", "reason": "text is missing", "raw": '{"id": 1}\n'}


def test_bytes_that_are_not_utf8_and_endless_lines_are_rejected() -> None:
    bad = [b'{"text": "\xff"}', b'{"text": "' + b"a" * MAX_LINE_BYTES + b'"}']
    out = list(process(bad, echo))
    assert all(isinstance(item, Reject) for item in out)
    assert all(len(item.raw) <= 10_000 for item in out if isinstance(item, Reject))


def test_a_line_without_end_is_read_in_bounded_memory_and_the_next_line_is_its_own() -> None:
    endless = b"x" * (3 * MAX_LINE_BYTES + 5)
    lines = list(bounded(io.BytesIO(b"first\n" + endless + b"\nlast")))
    assert [lines[0], lines[-1]] == [b"first\n", b"last"]
    assert len(lines) == 3
    assert len(lines[1]) == MAX_LINE_BYTES + 1


def test_a_byte_order_mark_is_no_fault() -> None:
    assert decode(b'\xef\xbb\xbf{"text": "a"}') == {"text": "a"}


@given(st.lists(st.binary(max_size=60)))
def test_every_line_that_is_not_blank_has_an_answer(lines: list[bytes]) -> None:
    assert len(list(process(lines, echo))) == sum(bool(line.strip()) for line in lines)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_what_is_written_reads_back(row: dict[str, str]) -> None:
    assert decode(encode(row)) == orjson.loads(orjson.dumps(row))
