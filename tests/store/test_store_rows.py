"""Files of teasers: good rows come through, bad ones are told by line, nothing is lost."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.domain import MOSCOW, Teaser
from kubmap.errors import InputError
from kubmap.store.csvrows import csv_rows
from kubmap.store.feedrows import plain, rows_of
from kubmap.store.rows import BadRow, Rejects, Row, moment_of, rows


def _read(path: Path, content: bytes | str) -> list[Row | BadRow]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(rows(path))


def _bad(found: list[Row | BadRow]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in found if isinstance(row, BadRow)]


def _texts(found: list[Row | BadRow]) -> list[str]:
    return [row.teaser.text for row in found if isinstance(row, Row)]


def test_json_lines(tmp_path: Path) -> None:
    good = {
        "id": "7", "text": " Пожар в Ейске ", "title": "Пожар", "published": "2021-11-23T05:00",
        "source_url": "https://example.org/1", "source_name": "Новости",
    }  # fmt: skip
    found = _read(tmp_path / "a.jsonl", "\ufeff" + json.dumps(good) + '\r\n\n{"text": "Второй", "published": null}\n')
    at = datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW)
    teaser = Teaser("7", "Пожар в Ейске", "Пожар", at, "https://example.org/1", "Новости")
    assert [(row.line, row.teaser) for row in found if isinstance(row, Row)] == [
        (1, teaser),
        (3, Teaser("3", "Второй")),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "не JSON: ошибка в знаке"),
        (b'{"text": "a" "title"}', "не JSON: ошибка в знаке 14; проверьте кавычки"),
        (b'["a"]', "нужен объект"),
        (b'{"title": "x"}', "нет текста"),
        (b'{"text": "  "}', "нет текста"),
        (b'{"text": 5}', "нет текста"),
        (b'{"text": "a", "published": "32.13.2021"}', "дата не читается"),
        (b'{"text": "a", "published": 1637640000}', "дата не читается"),
        (b'{"text": "a", "published": "0001-01-01T00:00+14:00"}', "дата не читается"),
        (b'{"text": "a", "title": ["b"]}', "title: нужна строка"),
        (b'{"text": "a", "source_url": "javascript:alert(1)"}', "source_url"),
        (b'{"text": "a\\u0000b"}', "нулевой символ"),
        (b'{"text": "a\0b"}', "не JSON"),
        (b'{"text": "\\ud800"}', "не JSON"),
        (b'{"text": "\xcf\xee\xe6\xe0\xf0"}', "не JSON: строка не в кодировке UTF-8"),
        (b'{"text": "' + b"x" * (1 << 20) + b'"}', "длиннее 1 МБ"),
        (b'{"text": "' + b"x" * (5 << 20) + b'"}', "длиннее 1 МБ"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(tmp_path: Path, line: bytes, reason: str) -> None:
    found = _read(tmp_path / "a.jsonl", b'{"text": "first"}\n' + line + b'\n{"text": "last"}')
    assert _texts(found) == ["first", "last"]
    ((number, told),) = _bad(found)
    assert number == 2
    assert reason in told


def test_rejects_keep_the_row_as_it_stands(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.jsonl", '{"text": ""}\n{"text": "ok"}\nне то\n')
    with Rejects(tmp_path / "new" / "rejects.jsonl") as keep:
        for row in found:
            if isinstance(row, BadRow):
                keep(row)
    lines = [json.loads(line) for line in (tmp_path / "new" / "rejects.jsonl").read_text().splitlines()]
    assert [(line["line"], line["raw"]) for line in lines] == [(1, '{"text": ""}'), (3, "не то")]
    assert all(line["reason"] for line in lines)


def test_rejects_of_deep_json_can_be_written(tmp_path: Path) -> None:
    (row,) = _read(tmp_path / "a.jsonl", '{"id": 5, "text": ' + "[" * 400 + "]" * 400 + "}")
    assert isinstance(row, BadRow)
    with Rejects(tmp_path / "rejects.jsonl") as keep:
        keep(row)
    assert set(json.loads((tmp_path / "rejects.jsonl").read_text())) == {"id", "line", "reason", "raw"}


def test_no_rejects_no_file(tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.jsonl"):
        pass
    assert not (tmp_path / "rejects.jsonl").exists()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_csv_of_any_kind(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [
        delimiter.join(["Title", "TEXT", "published", "source_url", "лишнее"]),
        delimiter.join(["Пожар", f'"В Ейске{delimiter} на «складе»\nгорит ""Заря"""', "23.11.2021 5:00", "", ""]),
        delimiter.join(["", "Второй случай произошёл в станице", "2021-11-24"]),
        "",
    ]
    found = _read(tmp_path / "a.csv", "\r\n".join(lines).encode(encoding))
    assert _bad(found) == []
    first, second = (row for row in found if isinstance(row, Row))
    assert first.teaser.text == f'В Ейске{delimiter} на «складе»\nгорит "Заря"'
    assert (first.teaser.title, first.teaser.published) == ("Пожар", datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW))
    assert (first.line, second.line) == (2, 4)
    assert (second.teaser.title, second.teaser.published) == (None, date(2021, 11, 24))


def test_csv_with_russian_headers(tmp_path: Path) -> None:
    (row,) = _read(tmp_path / "a.csv", "Дата;Заголовок;Текст;Источник\n2021-11-23;Пожар;Горит;Газета\n")
    assert isinstance(row, Row)
    assert row.teaser == Teaser("2", "Горит", "Пожар", date(2021, 11, 23), None, "Газета")


def test_bad_rows_of_csv(tmp_path: Path) -> None:
    content = (
        "text,published\nfirst,2021-11-23\nа, б и в,2021-11-23\n,2021-11-23\nx,вчера\n"
        '"после" кавычки,2021-11-23\nа\0б,2021-11-23\nlast,2021-11-23\n"не закрыта,2021-11-23\nи дальше\n'
    )
    found = _read(tmp_path / "a.csv", content)
    assert _texts(found) == ["first", "last"]
    reasons = dict(_bad(found))
    assert list(reasons) == [3, 4, 5, 6, 7, 9]
    for line, part in {3: "ячеек 3", 4: "нет текста", 5: "дата", 6: "лишнее", 7: "нулевой", 9: "не закрыта"}.items():
        assert part in reasons[line]
    last = found[-1]
    assert isinstance(last, BadRow)
    assert last.raw == '"не закрыта,2021-11-23\nи дальше\n'


def test_an_open_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    lines = ['"открыта,2021-11-23', *(f"строка {number},2021-11-23" for number in range(1000))]
    found = _read(tmp_path / "a.csv", "text,published\n" + "\n".join(lines))
    assert len(_texts(found)) == 1001 - 200
    assert "".join(row.raw for row in found if isinstance(row, BadRow)).splitlines() == lines[:200]


def test_a_huge_cell_of_csv(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.csv", "text\nfirst\n" + "x" * (3 << 20) + "\nlast\n")
    assert _texts(found)[0] == "first"
    assert _texts(found)[-1] == "last"
    assert all("длиннее 1 МБ" in reason for _, reason in _bad(found))
    assert _bad(found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "пуст"),
        (b"a;b\n1;2\n", "нет столбца text"),
        ("text;title\nПожар в Ейске;Горит\n".encode("koi8-r"), "кодировка"),
        (b"text\n\x98\xff\xfe\n", "кодировка"),
    ],
)
def test_csv_that_cannot_be_read_at_all(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        list(csv_rows(tmp_path / "a.csv"))


RSS = """<?xml version="1.0" encoding="windows-1251"?>
<rss version="2.0"><channel><title>Новости &amp; Ко</title>
<item><title>Пожар</title><link>https://example.org/1</link><guid>g1</guid>
  <description>&lt;p&gt;Горит склад&lt;/p&gt;&lt;p&gt;в &lt;b&gt;Ейске&lt;/b&gt; &amp;laquo;Заря&amp;raquo;&lt;/p&gt;
  &lt;script&gt;alert(1)&lt;/script&gt;</description>
  <pubDate>Tue, 23 Nov 2021 02:00:00 GMT</pubDate></item>
<item><title>Только заголовок</title><link>https://example.org/2</link></item>
<item><title>Плохая дата</title><pubDate>позавчера</pubDate></item>
<item><description></description></item>
<item><title>Плохой адрес</title><link>javascript:alert(1)</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Лента</title>
<entry><id>a1</id><title>ДТП</title><link href="https://example.org/3"/><updated>2021-11-23T05:00:00+03:00</updated>
<content type="html">Столкнулись &lt;i&gt;две&lt;/i&gt; машины</content></entry></feed>"""


def test_rss(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.xml", RSS.encode("cp1251"))
    first, second = (row.teaser for row in found if isinstance(row, Row))
    assert first == Teaser(
        "g1", "Горит склад в Ейске «Заря»", "Пожар", datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW),
        "https://example.org/1", "Новости & Ко",
    )  # fmt: skip
    assert (second.text, second.title, second.published) == ("Только заголовок", None, None)
    reasons = dict(_bad(found))
    assert list(reasons) == [3, 4, 5]
    assert "дата не читается: позавчера" in reasons[3]
    assert "нет текста" in reasons[4]


def test_atom(tmp_path: Path) -> None:
    (row,) = _read(tmp_path / "a.atom", ATOM)
    assert isinstance(row, Row)
    at = datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW)
    assert row.teaser == Teaser("a1", "Столкнулись две машины", "ДТП", at, "https://example.org/3", "Лента")


def test_entities_of_a_feed_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "ха"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    items = "<item><title>до &b;&f; после</title></item>"
    found = _read(tmp_path / "a.xml", f'{bomb}<rss version="2.0"><channel>{items}</channel></rss>')
    assert "хаха" not in str(found)
    hostname = Path("/etc/hostname")
    if hostname.exists():
        assert hostname.read_text().strip() not in str(found)


@pytest.mark.parametrize("content", [b"", b"<html><body>404</body></html>", b"\x00\x01", b"{}"])
def test_what_is_no_feed(content: bytes) -> None:
    with pytest.raises(InputError, match="не лента"):
        list(rows_of(content, name="a.xml"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="нужен файл"):
        rows(tmp_path / "a.docx")


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2021-11-23", date(2021, 11, 23)),
        ("2021-11-23T05:00+05:00", datetime(2021, 11, 23, 3, 0, tzinfo=MOSCOW)),
        ("2021-11-23 05:00:30", datetime(2021, 11, 23, 5, 0, 30, tzinfo=MOSCOW)),
        ("2021-11-23T02:00Z", datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW)),
        ("3.2.2022", date(2022, 2, 3)),
        ("23.11.2021 05:00", datetime(2021, 11, 23, 5, 0, tzinfo=MOSCOW)),
        ("", None),
        (None, None),
    ],
)
def test_moments(told: str | None, moment: date | None) -> None:
    assert moment_of(told) == moment
    assert type(moment_of(told)) is type(moment)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30) | st.integers() | st.booleans() | st.lists(st.integers(), max_size=2))
def test_any_other_date_is_an_input_error(told: object) -> None:
    with suppress(InputError):
        assert isinstance(moment_of(told), date | None)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")), max_size=6))
def test_any_bytes_are_rows_or_told(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    found = _read(path, b"\n".join(lines))
    wanted = [number for number, line in enumerate(lines, start=1) if line.removeprefix(b"\xef\xbb\xbf").strip()]
    assert [row.line for row in found] == wanted


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_plain_never_fails(html: str) -> None:
    assert "  " not in plain(html)
