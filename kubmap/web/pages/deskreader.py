"""Редакция for whoever is not logged in: what the desk is, and reading a teaser without storing it."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from kubmap.domain import MOSCOW, Category, Precision, Teaser
from kubmap.feeds import words
from kubmap.geocode.reading import read_teaser
from kubmap.web import oidc, palette, sketch
from kubmap.web.highlight import marked
from kubmap.web.localpath import DESK
from kubmap.web.login import address_of
from kubmap.web.pages import account, frame
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from kubmap.geocode.reading import Reading
    from kubmap.web.source import Source

STYLE = """<style>
.desk-enter { display: inline-block; padding: .45rem 1rem; border-radius: 4px; font-weight: 600; text-decoration: none;
  background: var(--st-primary-color, #0a4f86); color: var(--st-background-color, #fff) !important; }
</style>"""
EXAMPLE = (
    "Авария произошла 22 ноября около 5:00 на федеральной трассе Кропоткин — Краснодар. По предварительным данным,…"
)
LIMIT = 5000
PLANNED = {True: "запланировано", False: "не запланировано", None: "не сказано"}


def _today() -> date:
    return datetime.now(MOSCOW).date()


def _given() -> Teaser | None:
    with st.form("teaser"):
        title = st.text_input("Заголовок, если есть", max_chars=300)
        text = st.text_area("Текст сообщения", placeholder=EXAMPLE, max_chars=LIMIT, height=130)
        published = st.date_input("День публикации", value=_today(), format="DD.MM.YYYY")
        sent = st.form_submit_button("Прочитать", type="primary")
    if not sent:
        return None
    if not text.strip():
        st.warning("Вставьте текст сообщения.")
        return None
    day = published if isinstance(published, date) else None
    return Teaser(id="desk", text=text, title=title.strip() or None, published=day)


def _facts(found: Reading) -> list[tuple[str, str]]:
    rows = [
        ("Категория", words.category_name(found.category)),
        ("Время", words.interval_words(found.starts_at, found.ends_at) or "в тексте не названо"),
        ("План", PLANNED[found.is_scheduled]),
        ("Пострадавшие", words.casualties(found.casualties) or "в тексте не названы"),
    ]
    place = found.location
    if place is None:
        return [*rows, ("Место", "на карту не ставится")]
    rows += [("Место", place.label), ("Точность", words.precision(place))]
    rows += [(name, value) for name, value in (("Муниципалитет", place.municipality), ("Зона", place.zone)) if value]
    return rows


def _table(rows: list[tuple[str, str]], header: tuple[str, str]) -> None:
    """Text of people in a table, where it is no markup: a data frame's cells are plain text."""
    st.dataframe(pd.DataFrame(rows, columns=list(header)), hide_index=True, width="stretch")


def _text(found: Reading, teaser: Teaser) -> None:
    st.subheader("Что прочитано", anchor=False)
    title = f"<strong>{marked(teaser.title, found.reasons, source='title')}</strong><br>" if teaser.title else ""
    st.html(f'<p class="teaser">{title}{marked(teaser.text, found.reasons)}</p>')


def _draft(source: Source, found: Reading) -> None:
    facts, place = st.columns([3, 2], gap="large")
    with facts:
        _table(_facts(found), ("Что", "Прочитано"))
    with place:
        if found.location and found.location.precision is not Precision.KRAI:
            accent = next(each for each in palette.accents() if each.category is found.category)
            ink = frame.ink()
            chart = sketch.sketch(source.atlas, found.location, ink, accent=accent.dark if ink.dark else accent.light)
            st.altair_chart(chart, width="stretch", theme=None)
        elif found.location:
            st.info("Событие о крае целиком: на карту не ставится, стоит в строке «Весь край».")


def _why(found: Reading) -> None:
    st.subheader("Почему", anchor=False)
    _table([(each.read or "—", each.note or each.rule) for each in found.reasons], ("Слова", "Вывод"))
    if found.alternatives:
        st.subheader("Что ещё могло быть", anchor=False)
        rows = [(each.location.label, each.why or f"оценка {each.score:.2f}") for each in found.alternatives]
        _table(rows, ("Место", "Почему не оно"))


def show(source: Source) -> None:
    """The page's body; the caller has set the look and the title."""
    st.markdown(
        "Здесь редакция разбирает сообщения: программа читает вид события, время и место, редактор поправляет "
        "и публикует на карту. Работа с черновиками доступна после входа."
    )
    way = root() + (f"/{account.PATH}" if oidc.configured() else address_of(DESK))
    st.html(f'{STYLE}<a class="desk-enter" href="{escape(way)}" target="_self">Войти в редакцию</a>')
    st.subheader("Проверить сообщение без входа", anchor=False)
    st.markdown("Вставьте короткое сообщение: программа покажет, что прочла и на каких словах.")
    teaser = _given()
    if teaser:
        found = read_teaser(teaser, source.atlas)
        _text(found, teaser)
        if found.category is Category.NONE:
            st.info("Это не происшествие и не отключение: на карту такое не попадает.")
        _draft(source, found)
        _why(found)
    st.caption("Здесь ничего не сохраняется и не публикуется.")
