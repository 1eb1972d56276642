"""The residents' pages over HTTP: what they say at each moment, for each place, and how they may be kept."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.domain import Interval, Outage, OutageKind, Utility
from kubmap.read.cache import SnapshotCache
from kubmap.read.ledger import StoreLedger
from kubmap.store import Store
from kubmap.web.endpoint import Desk, Lane
from kubmap.web.httpcache import AnswerCache
from kubmap.web.outageroutes import OutageRoutes
from kubmap.web.outagesite import OutageSite, the_only
from kubmap.web.source import Source
from tests.notices import ANAPA, EYSK, HOPE, KRASNODAR, KRYMSK, at, notice, place

PLANNED = (
    "РЭУ «Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов."
)
SCHEDULE = (
    "Плановые работы на водопроводе 27 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда». Вода будет подаваться по "
    "графику: с 6:00 до 9:00 и с 18:00 до 21:00; выход на режим в течение 4 (6) часов."
)
ACCIDENT = "В Краснодаре из-за аварии отключили воду 25 ноября в 10:00 на ул. Заполярной, 35 и ул. Алуштинской."
HOSTILE = '<img src=x onerror="pwned()"> {{7*7}} ${alert(1)} \u202e</style></script>'
SITE = "https://karta.example"
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Clock:
    now = at(27, 7)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path}/k.sqlite")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def client(store, clock):
    snapshots = SnapshotCache(store, atlas=load_atlas(), poll_s=0)
    source = Source(load_atlas(), data_folder(), snapshots, public_url=SITE, ledger=StoreLedger(store))
    desk = Desk(lambda: source, AnswerCache(), Lane("l", threads=2, queue=64), Lane("h", threads=1, queue=4))
    outages = OutageRoutes(lambda: source, desk, clock=clock)
    endpoints = outages.endpoints() | OutageSite(outages, desk, clock=clock).endpoints()
    with TestClient(Starlette(routes=[Route(path, endpoint) for path, endpoint in endpoints.items()])) as made:
        yield made


def publish(store, *texts, **changes):
    for number, text in enumerate(texts, 1):
        store.add(notice(text, number=number, **changes), actor="anna")


class Seen(HTMLParser):
    """The text of a page, its elements and attributes; fails where an element is not closed."""

    def __init__(self, html):
        super().__init__()
        self.text, self.elements, self._open = [], [], []
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def words_of(html):
    return " ".join(" ".join(Seen(html).text).split())


def tile(client, place_id, moment, name):
    html = client.get(f"/outages/{place_id}", params={"at": f"{moment:%Y-%m-%dT%H:%M}"}).text
    tiles = re.findall(
        r'<li class="tile (\w+)".*?<b>(\w+)</b><span>([^<]*)</span>(?:<span class="note">([^<]*))?', html
    )
    return next((gravity, told, note) for gravity, found, told, note in tiles if found == name)


@pytest.mark.parametrize(
    ("moment", "gravity", "told"),
    [
        (at(25, 12), "soon", "отключат 27 ноября с 6:00"),
        (at(26, 12), "soon", "отключат завтра с 6:00"),
        (at(27, 5, 59), "soon", "отключат сегодня с 6:00"),
        (at(27, 6), "bad", "отключена до 24:00"),
        (at(28, 0), "warn", "возвращается до 6:00"),
        (at(28, 6), "old", "срок вышел в 6:00"),
        (at(30, 6), "none", "сведений нет"),
    ],
)
def test_the_moment_before_during_in_recovery_and_after(client, store, moment, gravity, told):
    publish(store, PLANNED)
    assert tile(client, KRYMSK, moment, "Вода")[:2] == (gravity, told)


@pytest.mark.parametrize(
    ("moment", "gravity", "told"),
    [
        (at(27, 7), "warn", "по графику: есть до 9:00"),
        (at(27, 10), "bad", "по графику: нет, дадут в 18:00"),
        (at(27, 22), "bad", "по графику: нет до 24:00"),
    ],
)
def test_supply_by_hours(client, store, moment, gravity, told):
    publish(store, SCHEDULE)
    assert tile(client, KRYMSK, moment, "Вода")[:2] == (gravity, told)
    page = words_of(client.get(f"/outages/{KRYMSK}").text)
    assert "Подача по часам с 6:00 до 9:00 и с 18:00 до 21:00" in page
    assert "выход на режим ещё 4–6 ч: между 4:00 и 6:00 28 ноября (завтра)" in page


def test_page_tells_what_why_who_until_when_how_sure_and_the_source(client, store):
    publish(store, PLANNED, source_name="Газета «Вода»", source_url="https://example.org/1")
    html = client.get(f"/outages/{KRYMSK}").text
    page = words_of(html)
    for told in (
        "Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске плановое отключение воды, кроме: мкр «Надежда»",
        "Сведений о свете, газе и тепле нет.", "Свет сведений нет", "Причина плановые работы",
        "Кто РЭУ «Троицкий групповой водопровод»", "Насколько точно", "Газета «Вода» , 25 ноября",
        "Ответ составлен на 7:00 27 ноября 2021", "Последнее сообщение об этом месте",
        "Вода: отключение с 6:00 до 24:00", "Вода: выход на режим с 0:00 до 6:00",
    ):  # fmt: skip
        assert told in page, told
    assert f'href="webcal://karta.example/feeds/outages/{KRYMSK}.ics"' in html
    assert f'href="../feeds/outages/{KRYMSK}.rss"' in html
    assert f"{SITE}/outages/{KRYMSK}" in page
    assert 'data-next="2021-11-28T00:00+03:00"' in html


def test_exception_inside_a_served_area(client, store):
    publish(store, SCHEDULE)
    assert tile(client, HOPE, at(27, 10), "Вода")[:2] == ("none", "отключать не должны")
    page = words_of(client.get(f"/outages/{HOPE}").text)
    assert "В микрорайоне «Надежда» отключения воды быть не должно" in page
    assert "Этого места не касается" in page
    drawn = client.get(f"/outages/{KRYMSK}").text
    assert '<circle class="except"' in drawn
    assert "кроме: мкр «Надежда»" in re.search(r'aria-label="(Карта отключения[^"]*)"', drawn)[1]


def test_no_news_is_no_promise(client, store):
    publish(store, PLANNED)
    page = words_of(client.get(f"/outages/{EYSK}").text)
    assert "В Ейске сведений об отключениях нет." in page
    assert "Это не значит, что всё включено" in page
    assert "вода есть" not in page
    assert "На эти дни сообщений нет." in page


def test_accident_without_an_end_goes_stale_and_then_is_past(client, store):
    publish(store, ACCIDENT)
    assert tile(client, KRASNODAR, at(25, 12), "Вода") == ("bad", "отключена, срок не назван", "часть улиц")
    assert tile(client, KRASNODAR, at(27, 0), "Вода") == ("old", "сведения устарели", "часть улиц")
    assert "сведения устарели" in client.get(f"/outages/{KRASNODAR}?at=2021-11-27T00:00").text
    late = client.get(f"/outages/{KRASNODAR}?at=2021-12-20T00:00").text
    assert "Прошлые сообщения: 1" in late
    assert "Аварийное отключение воды" in late


def test_night_span(client, store):
    store.add(
        notice("Отключение электроэнергии в Анапе пройдёт с 22:00 6 мая до 14:00 7 мая.", "2022-05-05"), actor="a"
    )
    night = at(6, 23, month=5, year=2022)
    assert tile(client, ANAPA, night, "Свет")[:2] == ("bad", "отключён до 14:00 7 мая")
    page = words_of(client.get(f"/outages/{ANAPA}?at=2022-05-06T23:00").text)
    assert "Свет: отключение с 22:00 до 24:00" in page
    assert "Свет: отключение с 0:00 до 14:00" in page


def test_several_notices_at_one_time(client, store):
    publish(
        store,
        "В Ейске 27 ноября с 8:00 до 20:00 снизят давление воды из-за плановых работ.",
        "В Ейске 27 ноября с 10:00 до 12:00 отключат воду для плановых работ.",
        "В Ейске 27 ноября с 9:00 до 18:00 отключат газ для ремонта газопровода.",
    )
    html = client.get(f"/outages/{EYSK}?at=2021-11-27T11:00").text
    assert html.count('<article class="card') == 3
    titles = re.findall(r'class="card-title">([^<]*)<', html)
    assert titles[-1] == "Снижено давление воды", "what is off comes before what is reduced"
    assert tile(client, EYSK, at(27, 11), "Вода")[1] == "отключена до 12:00"
    assert tile(client, EYSK, at(27, 13), "Вода")[1] == "напор снижен до 20:00"
    assert tile(client, EYSK, at(27, 11), "Газ")[1] == "отключён до 18:00"


def test_a_day_without_hours_gets_none(client, store):
    publish(store, "27 ноября в Ейске отключат газ для ремонта газопровода.")
    assert tile(client, EYSK, at(26, 12), "Газ")[1] == "отключат завтра"
    assert tile(client, EYSK, at(27, 12), "Газ")[1] == "отключён сегодня, часы не названы"


def test_very_many_notices_leave_the_page_readable(client, store):
    publish(store, *(f"В Ейске 27 ноября с {n % 9 + 1}:00 до 20:00 отключат воду для работ № {n}." for n in range(30)))
    html = client.get(f"/outages/{EYSK}").text
    assert html.count('<article class="card') == 16
    assert "Ещё сообщений: 14" in words_of(html)
    (day,) = re.findall(r"<li><b>сегодня, 27 ноября.*?</li>", html)
    assert day.count("<span>") == 7


def test_called_off(client, store):
    publish(store, "Плановое отключение воды 27 ноября в Крымске отменено.")
    assert tile(client, KRYMSK, at(26, 9), "Вода")[:2] == ("old", "отключение отменили")
    assert "Вода: отключение" not in client.get(f"/outages/{KRYMSK}?at=2021-11-26T09:00").text


def test_text_of_people_is_shown_as_text(client, store):
    outage = Outage(
        Utility.WATER, OutageKind.OFF, Interval(at(27, 6), at(27, 20)), places=("Крымск", HOSTILE),
        exceptions=(HOSTILE,), streets=(HOSTILE,), cause=HOSTILE, provider=HOSTILE,
    )  # fmt: skip
    made = notice("В Крымске 27 ноября с 6:00 до 20:00 отключат воду.", outage=outage, source_name=HOSTILE,
                  source_url="javascript:pwned()", title=HOSTILE)  # fmt: skip
    store.add(made, actor="a")
    answer = client.get(f"/outages/{KRYMSK}")
    seen = Seen(answer.text)
    assert not {"img", "iframe"} & {tag for tag, _ in seen.elements}
    assert all(not name.startswith("on") and name != "style" for _, attrs in seen.elements for name in attrs)
    assert not any("javascript:" in (value or "") for _, attrs in seen.elements for value in attrs.values())
    assert "{{7*7}}" in "".join(seen.text)
    assert "".join(seen.text).count("<img src=x") >= 5
    assert [attrs["src"] for tag, attrs in seen.elements if tag == "script"], "our own script, by its address"


def test_query_is_shown_as_text(client):
    html = client.get("/outages/", params={"q": '"><script>pwned()</script>'}).text
    assert "<script>" not in html
    assert ("input", '"><script>pwned()</script>') in [(tag, attrs.get("value")) for tag, attrs in Seen(html).elements]


def test_search_with_a_slip_and_homonyms(client):
    slip = client.get("/outages/", params={"q": "Кримск"}).text
    assert f'href="{KRYMSK}"' in slip
    page = words_of(client.get("/outages/", params={"q": "октябрьский"}).text)
    assert "посёлок, Ейский район" in page
    assert "посёлок, Северский район" in page
    assert "такого места не нашлось" in client.get("/outages/", params={"q": "Щщщщщщ"}).text


def test_exact_name_leads_to_the_answer(client):
    answer = client.get("/outages/", params={"q": "тимашевск"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "03653101001")
    assert the_only("надежда", [place(HOPE)]) is place(HOPE)
    assert client.get("/outages/", params={"q": "надежда"}, follow_redirects=False).status_code == 200


def test_suggestions_and_the_list_for_the_nearest(client):
    found = client.get("/outages/suggest.json", params={"q": "Крымск Надежда"}).json()["places"]
    assert found == [{"id": HOPE, "name": "Надежда", "about": "микрорайон, Крымск, Крымский район"}]
    rows = client.get("/outages/places.json").json()
    assert len(rows) > 1_500
    assert next(row for row in rows if row[0] == KRYMSK)[1:3] == ["Крымск", "город, Крымский район"]


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/outages/00000000000", 404, "Такой страницы нет"),
        (f"/outages/{KRYMSK}?at=2021-11-31T07:00", 400, "Адрес не читается"),
        ("/outages/?q=" + "x" * 500, 400, "Адрес не читается"),
    ],
)
def test_errors_are_pages_with_the_search(client, path, status, told):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert told in answer.text
    assert ("form", "./") in [(tag, attrs.get("action")) for tag, attrs in Seen(answer.text).elements]


def test_a_moment_that_was_asked_for_is_told_as_such(client, store):
    publish(store, PLANNED)
    asked, now = (client.get(f"/outages/{KRYMSK}{query}").text for query in ("?at=2021-11-28T02:00", ""))
    assert "время задано в адресе" in asked
    assert "время задано в адресе" not in now
    assert "data-next" not in asked


def test_marks_of_whoever_passed_the_link_on_do_not_matter(client, store):
    assert client.get(f"/outages/{KRYMSK}?utm_source=vk&fbclid=1").status_code == 200
    slashed = client.get(f"/outages/{KRYMSK}/", follow_redirects=False)
    assert (slashed.status_code, slashed.headers["location"]) == (301, f"../{KRYMSK}")


def test_tags_304_head_and_headers(client, store, clock):
    publish(store, PLANNED)
    first = client.get(f"/outages/{KRYMSK}")
    tag = first.headers["etag"]
    assert client.get(f"/outages/{KRYMSK}", headers={"If-None-Match": tag}).status_code == 304
    head = client.head(f"/outages/{KRYMSK}")
    assert (head.content, head.headers["content-length"]) == (b"", first.headers["content-length"])
    assert first.headers["content-encoding"] == "gzip"
    assert "max-age=0" in first.headers["cache-control"]
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "geolocation=(self)" in first.headers["permissions-policy"]
    clock.now = at(27, 7, 1)
    assert client.get(f"/outages/{KRYMSK}", headers={"If-None-Match": tag}).status_code == 200, "a minute later"
    asked = client.get(f"/outages/{KRYMSK}?at=2021-11-27T07:00").headers["etag"]
    clock.now = at(27, 7, 2)
    assert client.get(f"/outages/{KRYMSK}?at=2021-11-27T07:00", headers={"If-None-Match": asked}).status_code == 304


def test_worker_and_manifest(client):
    worker = client.get("/outages/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "@" not in worker.text.split('"use strict"')[0]
    assert re.search(r'FORMAT = "\d+"', worker.text)
    manifest = client.get("/outages/manifest.webmanifest")
    assert manifest.json()["start_url"] == "./"


@pytest.mark.parametrize("moment", [at(25, 12), at(27, 7), at(28, 2), at(28, 7)])
def test_every_page_is_well_formed(client, store, moment):
    publish(store, PLANNED, SCHEDULE, ACCIDENT)
    for place_id in (KRYMSK, HOPE, KRASNODAR, EYSK):
        Seen(client.get(f"/outages/{place_id}", params={"at": f"{moment:%Y-%m-%dT%H:%M}"}).text)
