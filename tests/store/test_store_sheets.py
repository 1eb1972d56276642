"""Tables of any kind and any bytes: records, or one clear error; bounded, whatever comes."""

from __future__ import annotations

import csv
import io
import resource
import zipfile
from contextlib import suppress
from datetime import datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kubmap.errors import InputError
from kubmap.store import sheets
from kubmap.store.rows import BadRow
from kubmap.store.sheets import Record, open_sheet
from kubmap.store.xlsxrows import text_of

NAMES = {"Место", "Дата", "Текст", "Время начала", "Время окончания"}


def score(cells):
    return float(sum(cell in NAMES for cell in cells))


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def book_of(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(sheet):
    return [each.cells for each in sheet.records() if isinstance(each, Record)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_titles_delimiters_and_quoted_lines(tmp_path, delimiter):
    rows = [
        ["График отключений, ноябрь; 2021"],
        [],
        ["Место", "Дата", "Текст"],
        ["Ейск", "27.11.2021", 'до\n"после", и; ещё'],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    sheet = open_sheet(written(tmp_path, "a.csv", out.getvalue()), score)
    assert (sheet.header, sheet.delimiter) == (("Место", "Дата", "Текст"), delimiter)
    assert cells(sheet) == [("Ейск", "27.11.2021", 'до\n"после", и; ещё')]
    assert sheet.count() == 1


def test_headers_that_are_empty_doubled_or_merged(tmp_path):
    sheet = open_sheet(written(tmp_path, "a.csv", "Дата,,Дата,Место\n1,2,3,4\n"), score)
    assert sheet.header == ("Дата", "столбец 2", "Дата (2)", "Место")
    merged = book_of(
        ["Место", "Время", None, "Текст"], [None, "начала", "окончания", None], ["Ейск", "9", "17", "нет воды"]
    )
    sheet = open_sheet(written(tmp_path, "b.xlsx", merged), score)
    assert sheet.header == ("Место", "Время начала", "Время окончания", "Текст")
    assert cells(sheet) == [("Ейск", "9", "17", "нет воды")]


DAY, FIRST_DAY = (datetime.fromisoformat(day) for day in ("2021-11-27", "1899-12-31"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (DAY, "27.11.2021"), (DAY + timedelta(hours=6, microseconds=-1000), "27.11.2021 06:00"), (time(6, 0), "06:00"),
        (timedelta(hours=24), "24:00"), (FIRST_DAY, "24:00"), (5.0, "5"), (45.0355, "45.0355"),
        (True, "да"), (None, ""), (" a ", "a"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_cells_of_a_spreadsheet_as_an_editor_sees_them(value, shown):
    assert text_of(value) == shown


def test_formulas_are_values_and_never_run(tmp_path):
    sheet = open_sheet(
        written(tmp_path, "a.xlsx", book_of(["Место", "Текст"], ["Ейск", "=HYPERLINK(1)"], ["Ейск", "x"])), score
    )
    assert [row[0] for row in cells(sheet)] == ["Ейск", "Ейск"]
    assert "HYPERLINK" not in str(cells(sheet))


def test_a_zip_bomb_is_refused_unopened(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(100):
            part.write(b"\0" * (1 << 20))
    assert len(out.getvalue()) < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="слишком велик"):
        open_sheet(written(tmp_path, "a.xlsx", out.getvalue()), score)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_huge_or_crooked_sheet_is_bounded(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["XFD1"] = "Место", "Дата", "край"
    book.active["A2"] = "Ейск"
    book.active["A1048576"] = "дно"
    out = io.BytesIO()
    book.save(out)
    sheet = open_sheet(written(tmp_path, "a.xlsx", out.getvalue()), score)
    assert len(sheet.header) == 2
    assert cells(sheet)[0][0] == "Ейск"


def test_many_columns_and_huge_cells(tmp_path):
    header = ",".join(f"столбец {n}" for n in range(100))
    sheet = open_sheet(written(tmp_path, "a.csv", f"{header}\n{','.join('x' * 100)}\n"), score)
    assert (len(sheet.header), len(cells(sheet)[0])) == (100, 100)
    with pytest.raises(InputError, match="столбцов больше"):
        open_sheet(written(tmp_path, "b.csv", ",".join(f"c{n}" for n in range(400)) + "\n"), score)
    sheet = open_sheet(written(tmp_path, "c.csv", f"Место,Текст\nЕйск,{'x' * (2 << 20)}\nАнапа,y\n"), score)
    found = list(sheet.records())
    assert any(isinstance(each, BadRow) and "длиннее 1 МБ" in each.reason for each in found)
    assert found[-1].cells == ("Анапа", "y")


def test_a_file_without_end_is_cut_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 5)
    sheet = open_sheet(written(tmp_path, "a.csv", "Место,Дата\n" + "Ейск,1\n" * 9), score)
    *first, last = sheet.records()
    assert len(first) == 5
    assert isinstance(last, BadRow)
    assert "больше 5 строк" in last.reason


def test_a_million_rows_are_streamed(tmp_path):
    path = written(tmp_path, "a.csv", b"\xd0\x9c\xd0\xb5\xd1\x81\xd1\x82\xd0\xbe,x\n" + b"a,b\n" * 1_000_100)
    sheet = open_sheet(path, score)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    last = None
    for each in sheet.records():
        last = each
    assert isinstance(last, BadRow)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def _consumed(path):
    with suppress(InputError):
        for each in islice(open_sheet(path, score).records(), 200):
            assert isinstance(each, Record | BadRow)


BYTES = st.binary(max_size=300) | st.text(alphabet='Местодата;,\t"\n\r\0ы\ufeff=', max_size=120).map(str.encode)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BYTES, st.sampled_from(["a.csv", "a.xlsx", "a.jsonl", "a.tsv", "a.txt"]))
def test_any_bytes_are_records_or_one_error(tmp_path, content, name):
    _consumed(written(tmp_path, name, content))


WHOLE = book_of(["Место", "Дата"], ["Ейск", datetime(2021, 11, 27)], ["=1", 5.5])  # noqa: DTZ001


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12))
def test_a_damaged_spreadsheet_is_records_or_one_error(tmp_path, damage):
    content = bytearray(WHOLE)
    for at, value in damage:
        content[at] = value
    _consumed(written(tmp_path, "a.xlsx", bytes(content)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='<row c r="A1" t=sninlineStr><v>5</v></c>/&;0', max_size=200))
def test_any_xml_in_a_sheet_is_records_or_one_error(tmp_path, xml):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            is_sheet = part == "xl/worksheets/sheet1.xml"
            target.writestr(
                part, f"<worksheet><sheetData>{xml}</sheetData></worksheet>" if is_sheet else source.read(part)
            )
    _consumed(written(tmp_path, "a.xlsx", out.getvalue()))
