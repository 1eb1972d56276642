"""Query parameters of the public routes: each with its limits, its words and its OpenAPI schema in one place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kubmap.domain import MOSCOW, Category
from kubmap.read.paging import MAX_TOKEN, TOKEN
from kubmap.web.problems import Fault, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_VALUE = 400  # characters of any parameter


@dataclass(frozen=True, slots=True)
class Param:
    """A query parameter: `read` turns its text into a value or raises ValueError with a reason in Russian."""

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    about: str
    required: bool = False
    default: Any = None


BBox = tuple[float, float, float, float]


def _bbox(text: str) -> BBox:
    parts = text.split(",")
    if len(parts) != 4:
        raise ValueError("нужны четыре числа через запятую: запад, юг, восток, север (градусы)")
    west, south, east, north = (_number(part) for part in parts)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise ValueError("долгота от -180 до 180, широта от -90 до 90")
    if west > east or south > north:
        raise ValueError("запад не больше востока, юг не больше севера")
    return west, south, east, north


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"«{text[:40]}» не число") from None
    if not math.isfinite(value):
        raise ValueError("нужно конечное число")
    return value


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"нужно целое число от {low} до {high}")
        return int(text)

    return read


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError("нужна дата вида 2021-11-22") from None
    if found.isoformat() != text:  # fromisoformat also reads weeks and compact forms; the contract is one form
        raise ValueError("нужна дата вида 2021-11-22")
    return found


def _categories(text: str) -> tuple[Category, ...]:
    known = {category.value for category in Category if category is not Category.NONE}
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        raise ValueError(f"нет такой категории: «{', '.join(wrong)[:60]}»; есть: {', '.join(sorted(known))}")
    return tuple(sorted({Category(name) for name in names}))


_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


def _text(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"не длиннее {limit} знаков")
        if _CONTROL.search(text):
            raise ValueError("без управляющих знаков")
        return text.strip()

    return read


def _token(text: str) -> str:
    if not TOKEN.fullmatch(text):
        raise ValueError("нужно значение next из ответа с прежней страницей")
    return text


def _place_id(text: str) -> str:
    if not re.fullmatch(_PLACE_PATTERN, text):
        raise ValueError("нужен id населённого пункта: латинские буквы, цифры и дефис")
    return text


_PLACE_PATTERN = "^[0-9a-z-]{1,40}$"
_BBOX_PATTERN = r"^-?[0-9]+(\.[0-9]+)?(,-?[0-9]+(\.[0-9]+)?){3}$"
_CATEGORY_NAMES = sorted(category.value for category in Category if category is not Category.NONE)
_CATEGORY_PATTERN = "^({0})(,({0}))*$".format("|".join(_CATEGORY_NAMES))

BBOX = Param(
    "bbox",
    _bbox,
    {"type": "string", "pattern": _BBOX_PATTERN},
    "Рамка карты: запад, юг, восток, север, градусы WGS 84.",
)
ZOOM = Param("zoom", _integer(0, 18), {"type": "integer", "minimum": 0, "maximum": 18}, "Масштаб карты.", default=7)
SINCE = Param("from", _day, {"type": "string", "format": "date"}, "Первый день периода, включительно (Москва).")
UNTIL = Param("to", _day, {"type": "string", "format": "date"}, "Последний день периода, включительно (Москва).")
CATEGORY = Param(
    "category", _categories, {"type": "string", "pattern": _CATEGORY_PATTERN}, "Категории через запятую.", default=()
)
ZONE = Param(
    "zone",
    _text(80),
    {"type": "string", "maxLength": 80, "pattern": _NO_CONTROL},
    "Экономическая зона: её id или название.",
)
MUNICIPALITY = Param(
    "municipality",
    _text(80),
    {"type": "string", "maxLength": 80, "pattern": _NO_CONTROL},
    "Муниципалитет: его id или название.",
)
QUERY = Param(
    "q",
    _text(100),
    {"type": "string", "maxLength": 100, "pattern": _NO_CONTROL},
    "Слова в заголовке, тексте или названии места.",
)
PLACE_QUERY = Param(
    "q",
    _text(100),
    {"type": "string", "minLength": 1, "maxLength": 100, "pattern": _NO_CONTROL},
    "Начало названия населённого пункта.",
    required=True,
)


def _minute(text: str) -> datetime:
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=MOSCOW)
    except ValueError:
        raise ValueError("нужна минута по Москве вида 2021-11-27T07:00") from None
    if not _MINUTE.match(text):
        raise ValueError("нужна минута с 2000 по 2099 год вида 2021-11-27T07:00")
    return found


_MINUTE_PATTERN = (
    "^20[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)"
    "T([01][0-9]|2[0-3]):[0-5][0-9]$"
)
_MINUTE = re.compile(_MINUTE_PATTERN)
PLACE = Param(
    "place",
    _place_id,
    {"type": "string", "pattern": _PLACE_PATTERN},
    "Населённый пункт: id из ответа /api/v1/places.",
    required=True,
)
AT = Param(
    "at",
    _minute,
    {"type": "string", "pattern": _MINUTE_PATTERN},
    "Минута, на которую дать ответ, по Москве; без неё сейчас.",
)


def _limit(most: int, usual: int | None, about: str) -> Param:
    schema = {"type": "integer", "minimum": 1, "maximum": most}
    return Param("limit", _integer(1, most), schema, about, default=usual)


AFTER = Param(
    "after",
    _token,
    {"type": "string", "pattern": f"^{TOKEN.pattern}$", "maxLength": MAX_TOKEN},
    "Следующая страница: значение next из ответа.",
)
BUILD = Param(
    "v",
    _text(64),
    {"type": "string", "maxLength": 64, "pattern": _NO_CONTROL},
    "Отпечаток содержимого: с ним ответ хранится год.",
)

FILTERS = (SINCE, UNTIL, CATEGORY, ZONE, MUNICIPALITY, QUERY)
VIEW = (BBOX, ZOOM, *FILTERS)
MEMBERS = (*FILTERS, _limit(200, 50, "Сколько событий на странице."), AFTER)
PAGE = (*FILTERS, _limit(10_000, None, "Сколько событий на странице; без него все."), AFTER)
PLACES = (PLACE_QUERY, _limit(50, 10, "Сколько мест."))
GEO = (BUILD,)
OUTAGES = (PLACE, AT)


def _read_one(param: Param, text: str) -> tuple[Any, Fault | None]:
    if len(text) > MAX_VALUE:
        return None, Fault(param.name, f"не длиннее {MAX_VALUE} знаков")
    try:
        return param.read(text), None
    except ValueError as error:
        return None, Fault(param.name, str(error))


def _gathered(items: Iterable[tuple[str, str]], params: tuple[Param, ...]) -> tuple[dict[str, str], list[Fault]]:
    known = {param.name for param in params}
    given: dict[str, str] = {}
    faults = []
    for name, text in items:
        if name not in known:
            faults.append(Fault(name[:60], "нет такого параметра"))
        elif name in given:
            faults.append(Fault(name, "указан дважды"))
        elif text:
            given[name] = text
    return given, faults


def read(items: Iterable[tuple[str, str]], params: tuple[Param, ...]) -> dict[str, Any]:
    """The values of a query by name, defaults where nothing is given.

    Raises:
        ProblemError: an unknown, repeated, missing or wrong parameter; all of them are named.
    """
    given, faults = _gathered(items, params)
    values: dict[str, Any] = {}
    for param in params:
        if param.name not in given:
            values[param.name] = param.default
            if param.required:
                faults.append(Fault(param.name, "нужен"))
            continue
        values[param.name], fault = _read_one(param, given[param.name])
        if fault:
            faults.append(fault)
    since, until = values.get("from"), values.get("to")
    if since and until and since > until:
        faults.append(Fault("to", "конец периода раньше начала"))
    if faults:
        raise bad_request(*faults)
    return values
