"""The last imports with their progress, for the page «Загрузка»: what every editor sees, whoever began them."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from kubmap.desk import runner
from kubmap.desk.access import require
from kubmap.desk.export import FORMS
from kubmap.domain import MOSCOW, Role
from kubmap.errors import AccessError
from kubmap.settings import settings
from kubmap.store.loads import State
from kubmap.web import auth, exportroutes
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from kubmap.desk.access import User
    from kubmap.desk.bulk import Bulk
    from kubmap.store.intake import Report
    from kubmap.store.loads import Load

EVERY_S: Final = 1
"""How often the progress of a running load is looked at; nothing runs, nothing is asked."""
STATES: Final = {
    State.WAITING: "ждёт", State.RUNNING: "загружается", State.DONE: "готово", State.CANCELLED: "остановлено",
    State.FAILED: "не удалось",
}  # fmt: skip
COUNTS: Final = (
    ("added", "добавлено"), ("updated", "обновлено"), ("unchanged", "без изменений"), ("rejected", "не загружено"),
    ("not_incidents", "не происшествия (в черновиках)"),
)  # fmt: skip
NAMES: Final = {"jsonl": "JSONL", "csv": "CSV", "xlsx": "Excel", "geojson": "GeoJSON"}

_MARKUP = re.compile(r"([\\`*_\[\]~<>$&|]|:(?=\w)|^[#+\-]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_ADDRESS = re.compile(r"(://|@|www)", re.IGNORECASE)
"""What Streamlit makes a link of, escaped or not: a word joiner, which nobody sees, keeps it text."""


def plain(text: str) -> str:
    """Text of people for a place that reads Markdown: every sign stands for itself.

    No more is escaped than must be: Streamlit reads the same string out as the name of a field.
    """
    escaped = _MARKUP.sub(r"\\\1", text.replace("\n", " "))
    return _ADDRESS.sub(lambda found: f"{found[1][0]}\u2060{found[1][1:]}", escaped)


STYLE: Final = """<style>
.kubmap-download { display: inline-block; padding: .45rem .9rem; border: 1px solid rgba(128, 122, 108, .5);
  border-radius: 4px; color: inherit; text-decoration: none; margin-right: .8rem; }
.kubmap-download:hover { text-decoration: underline; }
.kubmap-download + small { opacity: .75; }
.kubmap-exports { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; }
</style>"""


def show(bulk: Bulk) -> None:
    """The list; while something runs it renews itself."""
    try:
        loads = bulk.recent(auth.current())
    except AccessError:
        return
    if not loads:
        return
    st.subheader("Последние загрузки", anchor=False)
    now = datetime.now(MOSCOW)
    running = any(each.under_way(now) for each in loads)
    st.fragment(_list, run_every=EVERY_S if running else None)(bulk, running=running)


def start(bulk: Bulk, load: Load, *, rows: int | None, urgent: Any = runner.start) -> None:
    """Run a load beside the server."""
    urgent(bulk, load, rows=rows, home=settings().home, database_url=settings().store_url)


def exports() -> None:
    """Everything out, as files."""
    st.subheader("Выгрузить всё", anchor=False)
    drafts = st.checkbox("С черновиками и снятыми", key="export-drafts")
    links = "".join(_link(form, drafts=drafts) for form in FORMS)
    st.html(f'<p class="kubmap-exports">{links}</p>')
    st.caption("JSONL — целиком, с историей: его можно загрузить обратно. Остальные — таблицы и карта.")


def _link(form: str, *, drafts: bool) -> str:
    """Only words of our own go into the markup."""
    asked = [name for name, wanted in (("drafts=1", drafts), ("history=1", form == "jsonl")) if wanted]
    query = f"?{'&amp;'.join(asked)}" if asked else ""
    where = f"{escape(root())}/desk/export.{form}{query}"
    return f'<a class="kubmap-download" href="{where}" download="kubmap.{form}" target="_self">{NAMES[form]}</a>'


def _list(bulk: Bulk, *, running: bool) -> None:
    try:
        who = require(auth.current(), Role.EDITOR)
    except AccessError as error:
        st.info(str(error))
        return
    now = datetime.now(MOSCOW)
    loads = bulk.recent(who)
    for load in loads:
        with st.container(border=True, key=f"load-{load.id}"):
            _load(bulk, who, load, now)
    if running and not any(each.under_way(now) for each in loads):
        st.rerun()  # nothing runs any more: the list need not renew itself


def _load(bulk: Bulk, who: User, load: Load, now: datetime) -> None:
    broken = load.broken_off(now)
    state = "прервано" if broken else STATES[load.state]
    st.markdown(f"**{plain(load.name)}** · {state}")
    st.caption(f"{plain(load.actor)}, {load.started_at:%d.%m.%Y %H:%M}{_mode(load)}")
    if load.under_way(now) or broken or load.state is State.CANCELLED:
        st.progress(_share(load), text=_far(load))
    words = _words(load.report)
    if words:
        st.text(words)
    if load.message:
        st.warning(plain(load.message))
    _buttons(bulk, who, load, now)


def _mode(load: Load) -> str:
    told = "с публикацией" if load.plan["publish"] else "в черновики"
    return f" · {told}{', с обновлением прежних' if load.plan['revise'] else ''}"


def _share(load: Load) -> float:
    return min(1.0, load.report.read / load.total) if load.total else 0.0


def _far(load: Load) -> str:
    total = f" из {load.total}" if load.total and load.total >= load.report.read else ""
    return f"Строк: {load.report.read}{total}"


def _words(report: Report) -> str:
    """«добавлено 2, не загружено 1»."""
    return ", ".join(f"{word} {number}" for name, word in COUNTS if (number := getattr(report, name)))


def _buttons(bulk: Bulk, who: User, load: Load, now: datetime) -> None:
    if load.under_way(now):
        if st.button("Остановить", key=f"stop-{load.id}", disabled=load.cancel):
            bulk.cancel(who, load.id)
            st.rerun(scope="fragment")
        return
    if load.state is not State.DONE and st.button("Продолжить", key=f"go-{load.id}"):
        start(bulk, load, rows=None)
        st.toast("Загрузка продолжается.", icon=":material/play_arrow:")
        st.rerun()
    if load.report.rejected:
        _rejects(bulk, who, load)


def _rejects(bulk: Bulk, who: User, load: Load) -> None:
    if bulk.rejects_name(who, load) is None:
        st.caption("Файла незагруженных строк больше нет.")
        return
    where, number = escape(root() + exportroutes.rejects_path(load.id)), load.report.rejected
    st.html(
        f'<a class="kubmap-download" href="{where}" download target="_self">Скачать незагруженное ({number})</a>'
        "<small>Тот же файл со столбцом «Ошибка»: исправьте строки и загрузите его снова, удвоений не будет.</small>"
    )
