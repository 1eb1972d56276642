"""Clock times of a text: each with its span and what stands before it («с», «до», «в»)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, cast

from kubmap.atlas.asked import Asked, Begins
from kubmap.text.anchors import Times, find_from, read_times
from kubmap.text.data import load
from kubmap.text.marks import words_of
from kubmap.text.tokens import Layout, lay_out

Role: TypeAlias = Literal["start", "end", "at"]

_DAY = 24 * 60
_BEFORE = 40  # characters before a number that are looked at
_EACH = re.compile(r"(?:^|[\s,])по\s+$")  # «по два часа утром и вечером»
_DENIED = re.compile(  # «не в 14:00, а в 15:30», «по состоянию на 7:00»
    r"(?:^|[\s,(])(?:не\s+(?:в|к|до|с)|вместо|(?:состоянию|данным|информации|сведениям)\s+на|на\s+момент)\s+$"
)
_DENYING = frozenset({"не", "вместо", "состоянию", "данным", "информации", "сведениям", "момент"})
"""Words of which one is among the last two of what denies."""
_ABOUT = re.compile(r"(?:около|порядка)\s+$")
_MOMENT = re.compile(  # «Около 8 часов на мосту …», «авария: около 10 часов мужчина …», «произошло около 7 часов»
    r"(?:^|[.!?…:]\s+|(?:утром|вечером|ночью|сегодня|вчера|накануне|произошл[аио]|случил(?:ся|ась|ось|ись))[,\s]+)"
    r"(?:около|порядка)\s+$"
)
_LASTING = re.compile(
    r"(?:[^.,;:]{0,60}\s|\s*)"
    r"(?:тушил|искал|разыскивал|длил|продолжал|ждал|ожидал|стоял|ехал|работал|жил|оставал|был|нет\s|не\s|без\s)"
)
"""«Около 5 часов спасатели искали …», «около 8 часов нет света»: how long, not when."""
_HYPHEN = re.compile(r"(?:^|[,\s(])в\s+$")  # «в 20-45»
_HYPHEN_WHOLE = re.compile(r"(?:^|[,\s(])(?:с|до|к|около|по)\s+$")  # «с 9-00 до 17-00», but «с 15-20 мая»
_WITH_DAY = re.compile(r"\s+\d{1,2}\s+[а-я]{3,}")  # «по 06 часов 29 марта»
_PART = r"утра|вечера|дня|ночи|пополудни"


class Clock(NamedTuple):
    """`minute` of the day, 0..1440 (24:00 is 1440); `role` is None where no preposition says it."""

    minute: int
    role: Role | None
    start: int
    end: int


class _Patterns(NamedTuple):
    core: re.Pattern[str]
    duration: re.Pattern[str]
    score: re.Pattern[str]
    unit: re.Pattern[str]
    zone: re.Pattern[str]


@lru_cache(maxsize=1)
def _roles() -> re.Pattern[str]:
    """What may stand right before a time: one of its start, of its end, of its moment ends no other."""
    roles = load("when")["roles"]
    said = "|".join(f"(?P<{name}>{roles[name]})" for name in ("start", "end", "at"))
    return re.compile(rf"(?<!\w)(?:{said})(?:\s+(?:{roles['soft']}))?\s*$")


@lru_cache(maxsize=1)
def _joining() -> frozenset[str]:
    """Words after which a word is part of a phrase («не позднее», «с примерно»)."""
    return frozenset(re.findall(r"\w+", " ".join(load("when")["roles"].values())))


def _said(before: str) -> Role | None:
    found = _roles().search(before)
    return cast("Role", found.lastgroup) if found else None


class _Alone(Asked[Role | None]):
    """A word before a time -> what it says alone."""

    def tell(self, word: str) -> Role | None:
        return _said(word)


_ALONE = _Alone()


def role_of(layout: Layout, number: int, before: str) -> Role | None:
    """What the words right `before` the time that begins at token `number` say it is."""
    last, other = number - 1, number - 2
    if other >= 0 and (layout.folds[other] in _joining() or layout.ends[other] == layout.starts[last]):
        return _said(before)
    return _ALONE[layout.folds[last]]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    data = load("when")
    guards = data["guards"]
    hours = "|".join(sorted(data["hours"], key=len, reverse=True))
    ordinals = "|".join(data["ordinals"])
    core = re.compile(
        r"(?<![\d:.,/№])(?P<h>\d{1,2})(?P<sep>[:.-]|\. )(?P<m>[0-5]\d)(?!\d|[/:.,]\d)"
        rf"|(?<![\d:.,/№])(?P<bh>\d{{1,2}})\s*(?:часов|часам|часа|часу|час\.?|ч\.?)(?!\w)"
        rf"(?:\s*(?P<bm>[0-5]?\d)\s*(?:минут[аыу]?|мин\.?|м\.?)(?!\w))?(?:\s+(?P<bp>{_PART})(?!\w))?"
        rf"|(?<![\d:.,/№])(?P<ph>\d{{1,2}})\s+(?P<pp>{_PART})(?!\w)"
        rf"|(?<!\w)(?P<wh>{hours})(?P<wc>\s+час[а-я]*)?(?:\s+(?P<wp>{_PART}))?(?!\w)"
        rf"|(?<!\w)(?:половин[еуы]\s+|пол)(?P<half>{ordinals})(?:\s+(?P<hp>{_PART}))?(?!\w)"
        r"|(?<!\w)(?P<midnight>полноч[ьи]|полуноч[иь])(?!\w)|(?<!\w)(?P<noon>полдень|полудня|полудню)(?!\w)"
        r"|(?<!\w)(?P<close>(?:конца|исхода)\s+(?:дня|суток))(?!\w)"
        r"|(?<!\w)с\s+(?P<bare>\d{1,2})(?=(?:\s+час[а-я]*)?\s+(?:до|по)\s+\d{1,2}(?:[:.]\d\d|\s*(?:ч|час[а-я]*|утра|вечера|дня|ночи)(?!\w)))"
    )
    return _Patterns(
        core=core,
        duration=re.compile(rf"(?<!\w)(?:{guards['duration']})(?:\s+\w+)?(?:\s+(?:около|до|порядка|примерно))?\s*$"),
        score=re.compile(rf"(?<!\w)(?:{guards['score']})[^.;]{{0,12}}$"),
        unit=re.compile(rf"\s*-?(?:{guards['unit']})"),
        zone=re.compile(r"\s*(?:мск|часов|час|ч)(?!\w)"),
    )


@lru_cache(maxsize=1)
def _telling() -> Begins:
    """The words that may end what stands before a clock and tells of it."""
    roles = words_of((phrase for name in load("when")["roles"].values() for phrase in name.split("|")), at=-1)
    return Begins(rf"(?:{roles}|вместо|на|момент)$")


def _shift(hour: int, part: str | None) -> int:
    """The hour of the day of an hour and a part of the day («3 дня» is 15, «12 ночи» is 0)."""
    if part in {"вечера", "пополудни"} and hour < 12:
        return hour + 12
    if part == "дня" and hour < 7:
        return hour + 12
    if part == "ночи":
        return 0 if hour == 12 else hour + 12 if hour in {9, 10, 11} else hour
    return hour


def _minutes(hour: int, minute: int) -> int | None:
    total = hour * 60 + minute
    return total if hour < 24 or total == _DAY else None


def _digits(found: re.Match[str], folded: str, role: Role | None, before: str) -> int | None:
    """«5:00», «17.30»: with a full stop only where a preposition or «мск» shows that it is a time."""
    patterns = _patterns()
    if patterns.score.search(before) or (found["sep"] != ":" and patterns.unit.match(folded, found.end())):
        return None
    zone = patterns.zone.match(folded, found.end())
    if found["sep"] == "-" and not _HYPHEN.search(before) and not (found["m"] == "00" and _HYPHEN_WHOLE.search(before)):
        return None
    if (
        found["sep"] != ":"
        and not zone
        and (role is None or found["sep"] == ". ")
        and not _in_range(found, folded, before)
    ):
        return None
    return _minutes(int(found["h"]), int(found["m"]))


def _in_range(found: re.Match[str], folded: str, before: str) -> bool:
    """«09.00-12.30», «время завершения — 12.00» without a preposition; «01.06-14.06» are days."""
    if found["sep"] != "." or found["m"] not in _QUARTERS:
        return False
    return (
        _ONWARD.match(folded, found.end()) is not None
        or _SINCE.search(before) is not None
        or bool(_TIME.search(before))
    )


_QUARTERS = frozenset({"00", "15", "30", "45"})
"""Minutes that are no month."""
_ONWARD = re.compile(r"\s?[-—]\s?\d{1,2}\.(?:00|15|30|45)(?!\d|\.\d)")
_TIME = re.compile(r"(?<!\w)время\s+(?:[а-я]+\s+){1,2}[-—:]\s*\Z|(?<!\w)время\s+[а-я]+(?:\s+[а-я]+)?:\s*\Z")
_SINCE = re.compile(r"(?<![\d.])\d{1,2}\.(?:00|15|30|45)\s?[-—]\s?\Z")


def _lasts(before: str, hour: int, role: Role | None) -> bool:
    """Whether a number of hours is a duration: «продлится до 4 часов», but «продлится до 21 часа» is a clock."""
    return not (role == "end" and hour > 12) and _patterns().duration.search(before) is not None


def _hours(found: re.Match[str], role: Role | None, before: str) -> int | None:
    """«17 часов 30 минут», «3 часа дня»: only after a preposition, never a duration."""
    part, minute = found["bp"], found["bm"]
    hour = int(found["bh"])
    dated = _WITH_DAY.match(found.string, found.end()) is not None
    if not (role or part or minute) or (
        not part and not dated and (_EACH.search(before) or _lasts(before, hour, role))
    ):
        return None
    about = role == "at" and not part and minute is None and hour < 13 and _ABOUT.search(before) is not None
    if about and not _is_moment(found, before):
        return None
    return _minutes(_shift(hour, part), int(minute or 0))


def _is_moment(found: re.Match[str], before: str) -> bool:
    """Whether «около 8 часов» tells when, and not how long."""
    return _MOMENT.search(before) is not None and _LASTING.match(found.string, found.end()) is None


def _words(found: re.Match[str], role: Role | None, before: str) -> int | None:
    """«в семь утра», «около часа ночи», «в восемнадцать часов»."""
    part = found["wp"]
    if not part and _EACH.search(before):
        return None
    hour = load("when")["hours"][found["wh"]]
    range_end = _range().match(found.string, found.end()) if role == "start" and not (part or found["wc"]) else None
    if range_end is not None and (range_end["c"] or range_end["p"]):
        return _minutes(_shift(hour, range_end["p"]), 0)
    if role is None or _lasts(before, hour, role) or not (part or (found["wc"] and "около" not in before)):
        return None
    return _minutes(_shift(hour, part), 0)


@lru_cache(maxsize=1)
def _range() -> re.Pattern[str]:
    """The end of «с двух до пяти часов ночи», whose noun and part of the day go for the start too."""
    hours = "|".join(load("when")["hours"])
    return re.compile(rf"\s+(?:до|по)\s+(?:{hours}|\d{{1,2}})(?P<c>\s+час[а-я]*)?(?:\s+(?P<p>{_PART}))?(?!\w)")


def _half(found: re.Match[str]) -> int | None:
    hour = int(load("when")["ordinals"][found["half"]]) - 1
    part = found["hp"]
    if hour > 12:
        return None
    return _minutes(0 if part == "ночи" and hour == 0 else _shift(hour, part), 30)


def _named(found: re.Match[str], role: Role | None) -> int:
    """Midnight is the start of its day, and its end after «до»; noon is 12:00; the end of the day is 24:00."""
    if found["noon"]:
        return _DAY // 2
    return _DAY if found["close"] or role == "end" else 0


def _read(found: re.Match[str], folded: str, role: Role | None, before: str) -> int | None:
    kind = found.lastgroup
    if found["h"]:
        return _digits(found, folded, role, before)
    if found["bh"]:
        return _hours(found, role, before)
    if found["ph"]:
        hour = int(found["ph"])
        return _minutes(_shift(hour, found["pp"]), 0) if role and not _patterns().duration.search(before) else None
    if found["wh"]:
        return _words(found, role, before)
    if found["half"]:
        return _half(found)
    return _minutes(int(found["bare"]), 0) if kind == "bare" else _named(found, role)


def clocks(folded: str, times: Times | None = None) -> list[Clock]:
    """Clock times of a folded text in order; amounts, scores, ages and durations are left out."""
    result: list[Clock] = []
    layout, begin, _ = times or read_times(lay_out(folded))
    for number, found in find_from(_patterns().core, folded, layout, begin):
        before = folded[max(0, found.start() - _BEFORE) : found.start()]
        told = number > 0 and _telling()[layout.folds[number - 1]]
        if told and not _DENYING.isdisjoint(layout.folds[max(0, number - 2) : number]) and _DENIED.search(before):
            continue
        role = "start" if found["bare"] else role_of(layout, number, before) if told else None
        minute = _read(found, folded, role, before)
        if minute is not None:
            result.append(_ranged(Clock(minute, role, found.start(), found.end()), result, folded))
    return result


def _ranged(clock: Clock, known: list[Clock], folded: str) -> Clock:
    """«9:00—17:00»: the first is the start (set in place), the second the end."""
    if not known or folded[known[-1].end : clock.start].strip() not in {"-", "—"}:
        return clock
    first = known[-1]
    known[-1] = Clock(first.minute, "start", first.start, first.end)
    return Clock(clock.minute, "end", clock.start, clock.end)
