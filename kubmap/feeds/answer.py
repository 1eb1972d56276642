"""The answer in words: «Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске плановое отключение воды»; pure, made of data.

`where` is the place in the prepositional case (kubmap.atlas.cases.where). Nothing is said that no notice says:
«сведений нет» is not «вода есть», and what should be over by now is told as such.
"""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kubmap.domain import Utility
from kubmap.feeds import clockwords, words
from kubmap.read.course import Course, Phase
from kubmap.read.outages import VAGUE, Reach

if TYPE_CHECKING:
    from kubmap.atlas.model import Settlement
    from kubmap.domain import Incident
    from kubmap.read.course import Span
    from kubmap.read.residents import Concern, Notice, OutageState

SENTENCES = 6
"""Notices told in the answer, the gravest; the page lists all."""
STREETS = 6
"""Streets told in the sentence; the page and the feed tell all."""
_DAY = timedelta(days=1)
_STREETS = re.compile(r"^улиц(?:ах|ами|ам|ей|[еуы])?\s+(?=[А-ЯЁ0-9])")
_KINDS = {Phase.LIMITED: "flows", Phase.REDUCED: "reduced"}


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("kubmap.feeds").joinpath("answer.toml").read_text(encoding="utf-8"))


def answer(state: OutageState, where: str) -> str:
    """What holds at the place, in a sentence or a few; the gravest first."""
    return " ".join(sentences(state, where))


def sentences(state: OutageState, where: str) -> list[str]:
    """The answer sentence by sentence; the last tells what nothing is known of."""
    concerns = state.concerns
    if not concerns and not any(each.excepted for each in state.utilities.values()):
        return [_capital(_say("nothing", where=where)), _say("nothing_more")]
    told = [sentence(each, where, state.now) for each in concerns[:SENTENCES]]
    if len(concerns) > SENTENCES:
        told.append(_say("more", count=str(len(concerns) - SENTENCES)))
    told += [excepted(each, where, state.now) for found in state.utilities.values() for each in found.excepted]
    silent = [each for each, found in state.utilities.items() if not found.concerns and not found.excepted]
    return [*dict.fromkeys(told), *([_silence(silent)] if silent else [])]


def sentence(concern: Concern, where: str, now: datetime) -> str:
    """One notice as it stands at `now`."""
    known = _filled(concern.notice, where, now)
    plain = {
        Phase.RECOVERING: "recovering", Phase.OVER: "over", Phase.STALE: "stale", Phase.WITHDRAWN: "withdrawn",
    }.get(concern.phase)  # fmt: skip
    if plain:
        said = _say(plain, **known, span=_until(concern.current, now)) + _where_exactly(concern)
    else:
        kind = kind_of(concern.notice)
        said = _say(kind, **known) + _excepted(concern) + _now(concern, kind, now) + _after(concern) + _parts(concern)
        said += _whole(concern)
    return f"{_capital(said)}."


def excepted(concern: Concern, where: str, now: datetime) -> str:
    """A notice that names the place an exception, or whose provider does not serve it."""
    name = "excepted" if concern.notice.exceptions else "excepted_provider"
    return f"{_capital(_say(name, **_filled(concern.notice, where, now)))}."


def phase_name(phase: Phase) -> str:
    """«объявлено», «сведения устарели»."""
    return str(_data()["phase"][phase.value])


def sureness(concern: Concern) -> str:
    """How the notice concerns the place, in words."""
    if concern.reach is Reach.EXCEPTION and not concern.notice.exceptions:
        return str(_data()["reach"]["exception_provider"])
    return str(_data()["reach"][concern.reach.value])


def title(notice: Notice) -> str:
    """«Плановое отключение воды», «Вода подаётся по графику», «Снижено давление воды»; for feeds, no time, no place."""
    kind = kind_of(notice)
    text = _say(kind, when="", where="", **_nouns(notice)).strip()
    return _capital(" ".join(text.split()))


def facts(notice: Notice) -> list[tuple[str, str]]:
    """(name, value) of all that the notice says: works, supply, recovery, places, exceptions, streets, cause, who."""
    incident, found = notice.incident, notice.course
    rows = [("Когда", when_words(found))]
    outage = incident.outage
    if outage:
        rows += _times(incident)
        rows += [
            (name, ", ".join(given))
            for name, given in (("Где", outage.places), ("Кроме", outage.exceptions), ("Улицы", street_names(notice)))
            if given
        ]
        rows += [(name, value) for name, value in (("Причина", outage.cause), ("Кто", outage.provider)) if value]
    source = incident.source_name
    return [*rows, ("Источник", source)] if source else rows


def narrowing(notice: Notice, place: Settlement) -> str:
    """« (часть улиц)», « (по району в целом)»: what a title must not leave out; "" where the place itself is meant."""
    reach = notice.served.reach(place)
    kind = "part" if reach is None else "streets" if notice.streets else reach.value
    return str(_data()["narrow"].get(kind, ""))


def street_names(notice: Notice) -> tuple[str, ...]:
    """Streets as the notice lists them; «улицах Ленина» is «ул. Ленина»."""
    return tuple(_STREETS.sub("ул. ", each) for each in notice.streets)


def when_words(found: Course) -> str:
    """The course without a clock: «27 ноября 2021, с 6:00 до 24:00», «с 27 ноября 2021, 10:00, срок не назван»."""
    start = found.start if found.start_exact else found.start.date()
    if found.end is None:
        return f"с {words.interval_words(start, None)}; срок не назван"
    end = found.end if found.end_exact else (found.end - _DAY).date()
    return words.interval_words(start, end) or ""


def _times(incident: Incident) -> list[tuple[str, str]]:
    outage = incident.outage
    if outage is None:
        return []
    rows: list[tuple[str, str]] = []
    if outage.works and (text := words.interval_words(outage.works.start, outage.works.end)):
        rows.append(("Работы", text))
    supply = [text for each in outage.supply if (text := words.interval_words(each.start, each.end))]
    if supply:
        rows.append(("Подача", "; ".join(supply)))
    if outage.recovery_hours:
        rows.append(("После работ", f"выход на режим ещё {hours_words(outage.recovery_hours)} ч"))
    return rows


def _nouns(notice: Notice) -> dict[str, str]:
    data, utility = _data(), notice.utility.value
    scheduled = {True: "yes", False: "no", None: "unknown"}[notice.incident.is_scheduled]
    nouns = data["utility"][utility]
    less = data["less"][utility] if kind_of(notice) == "reduced" else data["cut"]
    named = {name: text.format(**nouns) for name, text in less.items()}
    return {**nouns, **named, "reduced": data["reduced"][utility], "planned": data["planned"][scheduled]}


def _filled(notice: Notice, where: str, now: datetime) -> dict[str, str]:
    found = notice.course
    end = found.end or found.start
    return {
        **_nouns(notice),
        "where": where,
        "when": _when(found, now),
        "begin": clockwords.at("в", found.start, now, exact=found.start_exact),
        "announced": clockwords.moment_words(found.start, now, exact=False),
        "end": clockwords.at("в", end, now, exact=found.end_exact, end=True),
        "over": clockwords.at("к", found.over_by or end, now, exact=found.end_exact or found.over_by != end, end=True),
    }


def kind_of(notice: Notice) -> str:
    first = notice.course.spans[0].phase if notice.course.spans else Phase.OFF
    return _KINDS.get(first, "cut")


def _when(found: Course, now: datetime) -> str:
    """«сегодня, 27 ноября, с 6:00 до 24:00»; the hours as far as they are told."""
    start, end = found.start, found.end
    if end is None:
        return f"с {clockwords.moment_words(start, now, exact=found.start_exact)}"
    day, clock = clockwords.ending(end)
    if day != start.date():
        since = clockwords.moment_words(start, now, exact=found.start_exact)
        until = clockwords.moment_words(end, now, exact=found.end_exact, end=True)
        return f"с {since} {'до' if found.end_exact else 'по'} {until}"
    told = clockwords.day_words(day, now)
    if not found.start_exact and not found.end_exact:
        return f"{told}{_say('no_hours')}"
    hours = f"с {clockwords.clock(start)} до {clock}" if found.start_exact else f"до {clock}"
    return f"{told}, {hours}"


def _until(span: Span | None, now: datetime) -> str:
    return f"до {clockwords.moment_words(span.end, now, end=True)}" if span and span.end else ""


def _now(concern: Concern, kind: str, now: datetime) -> str:
    """Whether there is supply now, of what goes by hours."""
    current, following = concern.current, concern.following
    if kind != "flows" or not concern.active or current is None:
        return ""
    nouns = _nouns(concern.notice)
    if current.supplied is None:
        return _say("hours_unknown")
    if current.supplied:
        return _say("now_some", **nouns, end=clockwords.ending(current.end)[1] if current.end else "")
    if following is None or not following.supplied:
        return _say("now_none_last", **nouns)
    opens = following.start.date()
    later = "" if opens == clockwords.today(now) else f"{clockwords.day_words(opens, now)}, "
    end = f" до {clockwords.ending(following.end)[1]}" if following.end else ""
    return _say("now_none", **nouns, window=f"{later}с {clockwords.clock(following.start)}{end}")


def _after(concern: Concern) -> str:
    outage = concern.notice.incident.outage
    if concern.notice.course.end is None:
        return _say("no_end")
    return _say("recovery", hours=hours_words(outage.recovery_hours)) if outage and outage.recovery_hours else ""


def hours_words(span: tuple[float, float]) -> str:
    least, most = (f"{hours:g}".replace(".", ",") for hours in span)
    return most if least == most else f"{least}–{most}"


def _excepted(concern: Concern) -> str:
    """Exceptions inside this place; as written where the atlas knows none of them."""
    told = concern.exceptions if concern.notice.served.exceptions else concern.notice.exceptions
    return _say("except", exceptions=", ".join(told)) if told else ""


def _parts(concern: Concern) -> str:
    streets = street_names(concern.notice)
    parts = _say("parts", parts=", ".join(concern.parts)) if concern.parts else ""
    more = " и другие" if len(streets) > STREETS else ""
    return parts + (_say("streets", streets=", ".join(streets[:STREETS]) + more) if streets else "")


def _whole(concern: Concern) -> str:
    """That the notice names all around the place, or one of its name: whether it holds here is not said."""
    return _say(f"whole_{concern.reach.value}") if concern.reach in VAGUE else ""


def _where_exactly(concern: Concern) -> str:
    return _excepted(concern) + _parts(concern) + _whole(concern) if concern.phase is Phase.STALE else ""


def _silence(utilities: list[Utility]) -> str:
    told = [str(_data()["utility"][each.value]["on"]) for each in utilities]
    rest = [each.removeprefix("о ") for each in told[1:]]
    listed = told[0] if not rest else f"{', '.join([told[0], *rest[:-1]])} и {rest[-1]}"
    return _say("silent", on=listed)


def _say(name: str, **known: str) -> str:
    return str(_data()["sentence"][name]).format(**known)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
