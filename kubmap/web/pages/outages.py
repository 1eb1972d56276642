"""Отключения: what is published, with the windows and the places that the notices name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from kubmap.domain import Category
from kubmap.feeds import words
from kubmap.read.outages import Reach, concerning
from kubmap.read.snapshot import Filter
from kubmap.web.pages import frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.domain import Incident, Outage
    from kubmap.read.snapshot import Snapshot

NOT_KNOWN = "Сведений об отключениях {place} нет. Это не значит, что всё включено: здесь только то, что опубликовано."
REACHES = {
    Reach.NAMED: "Место названо в сообщении.",
    Reach.PROVIDER: "Место в сообщении не названо, но поставщик, о котором оно говорит, снабжает это место.",
    Reach.MUNICIPALITY: "Сообщение говорит о районе или округе целиком, без перечня населённых пунктов.",
    Reach.KRAI: "Сообщение говорит обо всём крае.",
    Reach.EXCEPTION: "Сообщение называет это место исключением: отключения здесь быть не должно.",
}
KINDS = {
    "off": "отключение",
    "reduced_pressure": "снижение давления, не отключение",
    "limited_schedule": "подача по графику",
}


SHOWN = 50
LOOKED_AT = 400
"""Of the notices that may concern a settlement so many of the newest are read."""
OUTAGES = Filter(categories=frozenset(each for each in Category if each.is_outage))


def _outages(snapshot: Snapshot, atlas: Atlas, place: Settlement) -> list[Incident]:
    """The notices that may concern the place: of its municipality, and of no one municipality."""
    home = atlas.municipality_of(place)
    passing = snapshot.mask(OUTAGES)
    if home:
        here = snapshot.mask(replace(OUTAGES, municipalities=frozenset({home.name})))
        passing &= here | snapshot.wide | snapshot.townless
    return list(snapshot.take(np.flatnonzero(passing)[:LOOKED_AT], reasons=False))


def _label(atlas: Atlas, place: Settlement) -> str:
    home = atlas.municipality_of(place)
    return f"{place.name} ({place.type}{f', {home.name}' if home and home.name != place.name else ''})"


def _choice(atlas: Atlas) -> Settlement | None:
    query = st.text_input("Ваш населённый пункт", max_chars=60, placeholder="Начните писать: Тимашёвск, Гайдук…")
    if not query.strip():
        return None
    found = [place for place in atlas.names.search(query, limit=12) if place.municipality]
    if not found:
        st.warning("Такого населённого пункта в крае не нашлось. Проверьте название.")
        return None
    return st.selectbox("Какой именно", found, format_func=lambda place: _label(atlas, place))


def _windows(outage: Outage) -> list[tuple[str, str]]:
    rows = [("Что", KINDS[outage.kind.value])]
    if outage.works:
        rows.append(("Работы", words.interval_words(outage.works.start, outage.works.end) or "время не названо"))
    supply = [text for each in outage.supply if (text := words.interval_words(each.start, each.end))]
    if supply:
        rows.append(("Подача", "; ".join(supply)))
    if outage.recovery_hours:
        least, most = (f"{hours:g}".replace(".", ",") for hours in outage.recovery_hours)
        span = most if least == most else f"{least}–{most}"
        rows.append(("После работ", f"системе нужно ещё {span} ч: конец работ не конец отключения"))
    for name, given in (("Где", outage.places), ("Кроме", outage.exceptions), ("Улицы", outage.streets)):
        if given:
            rows.append((name, ", ".join(given)))
    rows += [(name, value) for name, value in (("Причина", outage.cause), ("Кто", outage.provider)) if value]
    return rows


def _rows(incident: Incident) -> list[tuple[str, str]]:
    rows = [("Когда", words.when(incident))]
    if incident.location:
        rows.append(("Место", f"{incident.location.label} ({words.precision(incident.location)})"))
    return rows + (_windows(incident.outage) if incident.outage else [])


def _card(incident: Incident, note: str | None = None) -> None:
    """One outage. Text of people goes through st.text, which takes no markup."""
    with st.container(border=True):
        planned = {True: " · запланировано", False: " · авария"}.get(incident.is_scheduled or False, "")
        planned = planned if incident.is_scheduled is not None else ""
        st.markdown(f"**{words.category_name(incident.category)}**{planned}")
        st.text(words.headline(incident))
        st.text("\n".join(f"{name}: {value}" for name, value in _rows(incident)))
        if note:
            st.caption(note)
        st.link_button("Показать на карте", f"/map?id={incident.id}")


def _for_place(atlas: Atlas, place: Settlement, outages: Sequence[Incident]) -> None:
    home = atlas.municipality_of(place)
    providers = tuple(atlas.providers.values())
    found = list(concerning(outages, place, municipality=home.name if home else None, providers=providers))
    st.subheader(_label(atlas, place), anchor=False)
    if not found:
        st.info(NOT_KNOWN.format(place="для этого места"))
    for incident, reach in found:
        _card(incident, REACHES[reach])


def show() -> None:
    """The page."""
    source, snapshot = frame.opened()
    frame.begin(snapshot, "Отключения воды, света, газа и тепла")
    place = _choice(source.atlas)
    if place:
        _for_place(source.atlas, place, _outages(snapshot, source.atlas, place))
        return
    st.subheader("Опубликованные сообщения", anchor=False)
    rows = snapshot.select(OUTAGES)
    if not len(rows):
        st.info(NOT_KNOWN.format(place=""))
    for incident in snapshot.take(rows[:SHOWN], reasons=False):
        _card(incident)
    if len(rows) > SHOWN:
        st.caption(f"Показаны последние {SHOWN} из {len(rows)}: назовите населённый пункт, чтобы найти своё.")
    st.caption("Нет сообщения — не значит, что вода или свет есть: здесь только то, что опубликовано.")
