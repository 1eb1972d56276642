"""Загрузка: a file or a pasted text, what its columns mean, how it will be read, the run and what came of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from kubmap.desk import mapping, runner
from kubmap.desk.access import may, require
from kubmap.desk.bulk import MAX_FILE
from kubmap.desk.plan import ERROR, count
from kubmap.domain import Role
from kubmap.errors import AccessError, InputError, KubmapError
from kubmap.web import auth
from kubmap.web.exportroutes import bulk
from kubmap.web.login import address_of
from kubmap.web.pages import frame, loadlist
from kubmap.web.pages.loadlist import plain
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from pathlib import Path

    from kubmap.desk.access import User
    from kubmap.desk.bulk import Look
    from kubmap.desk.mapping import Kind
    from kubmap.desk.plan import Plan
    from kubmap.desk.preview import Shown

PATH: Final = "upload"
TYPES: Final = ["csv", "tsv", "xlsx", "jsonl", "txt", "xml", "rss"]
KINDS: Final[dict[Kind, str]] = {"notices": "Объявления об отключениях", "teasers": "Заметки"}
UTILITIES: Final = {
    "": "как в строке",
    "вода": "вода",
    "электроэнергия": "электроэнергия",
    "газ": "газ",
    "тепло": "тепло",
}
EXAMPLE: Final = (
    "27 ноября с 9:00 до 17:00 из-за ремонта линии отключат свет:\n"
    "ст. Тбилисская: ул. Красная, 1–20;\nх. Северин: ул. Ленина."
)
REVISED: Final = (
    "Перенос, отмена или другое время станут новой версией прежнего объявления; опубликованное изменится сразу."
)
NOTHING: Final = "— не читать —"
SMALL_FILE: Final = 100_000
"""Bytes of a file whose rows are counted before it is run."""

STYLE: Final = """<style>
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: .9; }
.kubmap-rows { list-style: none; margin: 0; padding: 0; border-top: 1px solid rgba(128, 122, 108, .35); }
.kubmap-rows li { margin: 0 !important; display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); padding: .55rem 0;
  overflow-wrap: anywhere; border-bottom: 1px solid rgba(128, 122, 108, .35); line-height: 1.4; }
.kubmap-rows b { font-weight: 400; opacity: .6; }
.kubmap-rows p { margin: 0; }
.kubmap-rows .wrong { border-left: 3px solid #b3261e; padding-left: .6rem; }
.kubmap-rows .told { opacity: .7; font-size: .92rem; }
</style>"""

TAKEN: Final = f"CSV, TSV, XLSX, JSONL, TXT, XML или RSS, до {MAX_FILE >> 20} МБ"
UPLOADER: Final = f"""<style>
[data-testid="stFileUploaderDropzone"] > span [data-testid="stMarkdownContainer"] > p {{
  font-size: 0; line-height: 0; }}
[data-testid="stFileUploaderDropzoneInstructions"] > * {{ display: none; }}
[data-testid="stFileUploaderDropzone"] > span [data-testid="stMarkdownContainer"]::after {{ content: "Выбрать файл"; }}
[data-testid="stFileUploaderDropzoneInstructions"]::after {{
  content: "или перетащите сюда: {TAKEN}"; font-size: .875rem; opacity: .8; }}
[data-testid="stFileUploader"]:has([data-testid="stFileChip"][aria-invalid="true"])::after {{
  content: "Этот файл не подходит: нужен {TAKEN}."; color: var(--st-red-text-color, #b3261e); margin-top: .4rem; }}
</style>"""
"""Streamlit's uploader speaks English only, and tells what is wrong with a file only to a mouse that rests on it.

Its own word stays, at no size: axe takes no `content` for the name of a button.
"""

DARK: Final = '<style>[data-testid="stBaseButton-primary"] p { color: #10202c; }</style>'
"""Ink on the light button of the dark theme, where Streamlit writes white."""

_FILE, _TEXT = "Файл", "Текст объявлений"
_CHOSEN, _LOOK, _SHOWN = "upload-chosen", "upload-look", "upload-shown"


def show() -> None:
    """The page."""
    st.html(frame.STYLE + STYLE + loadlist.STYLE + UPLOADER + (DARK if frame.is_dark() else ""))
    st.title("Загрузка", anchor=False)
    try:
        who = require(auth.current(), Role.EDITOR)
    except AccessError as error:
        _refused(error)
        return
    st.caption(
        "Таблица CSV или XLSX, строки JSON, лента или текст объявлений. Сначала видно, как всё будет прочитано; "
        "одно и то же, загруженное дважды, не удваивается."
    )
    _choose(who)
    path = st.session_state.get(_CHOSEN)
    if path is not None:
        _settle(who, path)
    loadlist.show(bulk())
    loadlist.exports()


def _refused(error: AccessError) -> None:
    st.info(str(error))
    if error.anonymous:
        st.html(f'<a href="{escape(root() + address_of(f"/{PATH}"))}" target="_self">Войти</a>')


def _choose(who: User) -> None:
    way = st.segmented_control("Откуда", [_FILE, _TEXT], default=_FILE, label_visibility="collapsed", key="upload-way")
    if way == _TEXT:
        _paste(who)
        return
    given = st.file_uploader("Файл", type=TYPES, max_upload_size=MAX_FILE >> 20, key="upload-file")
    if given is not None and st.session_state.get("upload-id") != given.file_id:
        st.session_state["upload-id"] = given.file_id
        _received(who, given.name, given.getvalue())


def _paste(who: User) -> None:
    with st.form("upload-paste", border=False):
        text = st.text_area(
            "Объявления, одно или несколько подряд", height=200, max_chars=500_000, key="upload-text",
            placeholder=EXAMPLE,
        )  # fmt: skip
        sent = st.form_submit_button("Показать, как прочитано", type="primary")
    if sent and not text.strip():
        st.warning("Вставьте текст объявления.")
    elif sent:
        _received(who, "объявления.txt", text.encode("utf-8", "replace"))


def _received(who: User, name: str, content: bytes) -> None:
    for key in (_CHOSEN, _LOOK, _SHOWN):
        st.session_state.pop(key, None)
    try:
        st.session_state[_CHOSEN] = bulk().receive(who, name, content)
    except InputError as error:
        st.error(plain(str(error)))


def _settle(who: User, path: Path) -> None:
    """What the file is, its columns, the first rows, the run."""
    try:
        look = _look(who, path, st.session_state.get(f"upload-kind-{path.parent.name}"))
    except InputError as error:
        st.error(plain(str(error)))
        return
    st.subheader(f"Что в файле: {look.opened.name}", anchor=False)
    if look.opened.form == "table":
        look = _kinds(who, path, look)
    plan = _planned(path, look)
    shown = _preview(who, look, plan)
    if shown and st.button("Загрузить", type="primary", key="upload-run", width="stretch"):
        _run(who, look, plan)


def _look(who: User, path: Path, kind: Kind | None) -> Look:
    """Looked at once: a large spreadsheet takes a second to open."""
    key = (str(path), kind)
    known = st.session_state.get(_LOOK)
    if known is None or known[0] != key:
        known = st.session_state[_LOOK] = (key, bulk().look(who, path, kind))
    look: Look = known[1]
    return look


def _kinds(who: User, path: Path, look: Look) -> Look:
    chosen = st.segmented_control(
        "Что это", list(KINDS), default=look.opened.kind, format_func=lambda kind: KINDS[kind],
        key=f"upload-kind-{path.parent.name}",
    )  # fmt: skip
    return look if chosen in {None, look.opened.kind} else _look(who, path, chosen)


def _planned(path: Path, look: Look) -> Plan:
    key = f"{path.parent.name}-{look.opened.kind}"
    fields = _columns(look, key) if look.opened.form == "table" else ()
    values = _values(look, key)
    is_notices = look.opened.kind == "notices"
    publish = st.checkbox("Опубликовать сразу", key=f"upload-publish-{key}", help="Иначе строки станут черновиками.")
    revise = is_notices and st.checkbox(
        "Обновлять прежние объявления", value=True, key=f"upload-revise-{key}",
        help=REVISED,
    )  # fmt: skip
    return bulk().plan(look.opened, fields=fields, values=values, publish=publish, revise=revise)


def _columns(look: Look, key: str) -> tuple[str | None, ...]:
    """A choice for each column; what was remembered or guessed stands there already."""
    if look.remembered is not None:
        at = f"{look.remembered.at:%d.%m.%Y %H:%M}"
        st.caption(f"Столбцы запомнены: так их назвал {plain(look.remembered.actor)} {at}. Проверьте строки ниже.")
    known = mapping.fields_of(look.opened.kind)
    options = ["", *known]
    unknown = sum(1 for name, each in zip(look.opened.header, look.fields, strict=True) if not each and name != ERROR)
    chosen: list[str | None] = []
    with st.expander(_told(unknown), expanded=look.remembered is None, key=f"upload-columns-{key}"):
        places = st.columns(2, gap="medium")
        for number, (name, guessed) in enumerate(zip(look.opened.header, look.fields, strict=True)):
            if name == ERROR:
                chosen.append(None)
                continue
            field = places[number % 2].selectbox(
                plain(name), options, index=options.index(guessed or ""), key=f"upload-{key}-{number}",
                format_func=lambda each: known[each].label if each else NOTHING, help=_sample(look, number),
            )  # fmt: skip
            chosen.append(field or None)
    return tuple(chosen)


def _told(unknown: int) -> str:
    return f"Что в столбцах (не читаются: {unknown})" if unknown else "Что в столбцах"


def _sample(look: Look, at: int) -> str | None:
    """Cells of the column, as they stand."""
    cells = [row[at] for row in look.samples if at < len(row) and row[at]]
    return plain("Например: " + "; ".join(cell[:60] for cell in cells[:3])) if cells else None


def _values(look: Look, key: str) -> dict[str, str]:
    """What holds for all rows."""
    if look.opened.form in {"records", "feed"}:
        return {}
    found = dict(look.values)
    notices = look.opened.kind == "notices"
    with st.expander("Одно для всех строк", expanded=notices and "utility" not in look.fields, key=f"upload-all-{key}"):
        left, right = st.columns(2, gap="medium")
        if notices:
            known = list(UTILITIES)
            index = known.index(found["utility"]) if found.get("utility") in known else 0
            found["utility"] = left.selectbox(
                "Что отключают", known, index=index, format_func=lambda each: UTILITIES[each], key=f"upload-u-{key}"
            )
            found["provider"] = right.text_input(
                "Кто отключает", found.get("provider", ""), max_chars=200, key=f"upload-p-{key}"
            )
            found["district"] = left.text_input(
                "Район или округ", found.get("district", ""), max_chars=80, key=f"upload-d-{key}",
                help="Там, где в строке его нет: так различаются одноимённые хутора и посёлки.",
            )  # fmt: skip
        found["source_name"] = right.text_input(
            "Источник", found.get("source_name", ""), max_chars=200, key=f"upload-s-{key}"
        )
        day = left.date_input("День публикации", value=None, format="DD.MM.YYYY", key=f"upload-day-{key}")
    found["published"] = day.isoformat() if day else ""
    return {name: value.strip() for name, value in found.items() if value.strip()}


def _preview(who: User, look: Look, plan: Plan) -> bool:
    """The first rows as they will be; whether the file can be run."""
    st.subheader("Как это будет прочитано", anchor=False)
    key = (str(look.opened.path), plan.as_json())
    known = st.session_state.get(_SHOWN)
    if known is None or known[0] != key:
        try:
            known = st.session_state[_SHOWN] = (key, bulk().preview(who, look.opened, plan))
        except InputError as error:
            st.warning(plain(str(error)[:1].upper() + str(error)[1:]))
            return False
    rows = known[1]
    if not rows:
        st.warning("В файле нет ни одной строки, кроме заголовка.")
        return False
    wrong = sum(1 for each in rows if each.issue)
    st.caption(
        f"Первые строки: {len(rows)}, с ошибками: {wrong}. Строки с ошибками не загрузятся и вернутся отдельным файлом."
    )
    st.html(f'<ol class="kubmap-rows">{"".join(map(_row, rows))}</ol>')
    return True


def _row(row: Shown) -> str:
    """A row as markup of our own around escaped words."""
    if row.issue:
        body = f'<div class="wrong"><p>{escape(row.issue)}</p><p class="told">{escape(row.text)}</p></div>'
    else:
        head = " · ".join(filter(None, (row.what, row.place, row.when)))
        streets = f"<p>{escape(row.streets)}</p>" if row.streets else ""
        body = f'<div><p>{escape(head)}</p>{streets}<p class="told">{escape(row.text)}</p></div>'
    return f"<li><b>{row.line}</b>{body}</li>"


def _run(who: User, look: Look, plan: Plan) -> None:
    if look.opened.form == "records" and not may(who, Role.CHIEF):
        st.error("Выгрузку kubmap с её историей загружает главный редактор.")
        return
    try:
        load = bulk().begin(who, look.opened, plan)
        small = look.opened.path.stat().st_size < SMALL_FILE
        loadlist.start(bulk(), load, rows=count(look.opened) if small else None, urgent=runner.start)
    except (KubmapError, OSError) as error:
        st.error(plain(str(error)))
        return
    for key in (_CHOSEN, _LOOK, _SHOWN):
        st.session_state.pop(key, None)
    st.toast("Загрузка началась. Страницу можно закрыть: всё продолжится.", icon=":material/upload:")
    st.rerun()
