"""Notices in a pasted text: several of them told apart, and each by the settlements that it lists with their streets.

A notice is a head (what, when, why), a list of settlements with streets, and a tail. A settlement's row is the head,
its own item of the list, and the tail; a notice that lists nothing stays whole, as its readers will see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from kubmap.atlas.words import fold
from kubmap.desk import address, cells
from kubmap.desk.address import Group
from kubmap.desk.mapping import words
from kubmap.desk.notices import CATEGORIES, NAMES, located, place_words
from kubmap.domain import Incident, Moment, Outage, Teaser, Utility
from kubmap.errors import InputError
from kubmap.store.rows import AnyRow, Row, bad, plain_text
from kubmap.text.data import load

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

MAX_BYTES = 1_000_000
"""Of a paste, in UTF-8."""
ERROR = "Ошибка:"
"""Begins the line above a notice in the file of rejects; passed over when that file comes back."""

_OUTAGE = re.compile(
    r"отключ|обесточ|без (?:\w+ )?(?:вод|свет|газ|тепл|электр|отопл)|прекращ|приостан|ограничен|не будет|перерыв|"
    r"сниж|отмен|перен[её]с|продл"
)
_TIME = re.compile(r"\d{1,2}[:.-]\d{2}(?!\d)|\d{1,2}\s*час|(?<!\w)с \d{1,2} до|\d{1,2}\.\d{2}\.\d{2,4}")
_DATED = re.compile(
    r"\d{1,2}\.\d{1,2}(?:\.\d{2,4})?(?!\d)|\d{1,2} (?:янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек)"
)
_BULLET = re.compile(r"^\s*(?:[•‣◦▪●■*·]\s*|[-–—]\s+|\d{1,3}[.)]\s+(?=\D))")
_ENDED = re.compile(r"[.!?;:…)»\"”]\s*$")
_COLON = re.compile(r":(?=\s|$)")
_BRACKETED = re.compile(
    r"(?<!\w)(?P<name>[а-яё-]{1,9}\.?\s*[А-ЯЁ][\w-]+(?:\s[А-ЯЁ][\w-]+)?)\s*\((?P<streets>[^()]*(?:ул|пер|пр)[^()]*)\)"
)
_SENTENCE = re.compile(r"(?<=[\wё)»])\.\s+(?=[А-ЯЁ][а-яё]{3,}\s+[а-яё])")
_DOTTED = re.compile(r"(?<=\bул|\bпр|\bпл|\bст|\bим)\.|(?<=\b[гпхсд])\.|(?<=\b(?:пер|мкр|пос))\.", re.IGNORECASE)
_ABBREVIATED = re.compile(
    r"(?<!\w)(?:ул|пер|пр|пл|ст|пос|им|мкр|хут|гор|наб|просп|бул|дом|д|г|с|п|х|а)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Block:
    """A notice as it stands in the paste; `line` is that of its beginning (1-based)."""

    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(slots=True)
class _Parts:
    """Head, items with their settlements, tail; `wrong` are items that name what the krai does not have."""

    head: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    district: str | None = None


def rows_of(text: str, values: Mapping[str, str], atlas: Atlas, *, today: date) -> Iterator[AnyRow]:
    """The rows of a paste, in order. `values` are what the editor says of all of it (`kubmap.desk.mapping.VALUES`).

    Raises InputError for a text that is too long.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InputError("текст больше 1 МБ: вставьте его по частям", field="text")
    for block in blocks(text):
        yield from _rows(block, values, atlas, today)


def blocks(text: str) -> list[Block]:
    """The notices of a text: parted by blank lines, or a line each; a list belongs to the notice above it."""
    found: list[Block] = []
    for number, paragraph in _paragraphs(text):
        for start, lines in _divided(number, paragraph):
            if found and _continues(found[-1], lines):
                found[-1] = replace(found[-1], lines=(*found[-1].lines, *lines))
            else:
                found.append(Block(start, tuple(lines)))
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    start, lines = 1, list[str]()
    for number, raw in enumerate([*re.split(r"\r\n?|\n", text), ""], start=1):
        line = raw.strip("\ufeff \t\u00a0")
        if line and not line.startswith(ERROR):
            start = start if lines else number
            lines.append(line)
        elif lines:
            yield start, lines
            lines = []


def _divided(number: int, lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """A paragraph whose lines are notices of their own."""
    start, part = number, list[str]()
    for at, line in enumerate(lines, start=number):
        if part and _begins(line, part[-1]) and _tells(" ".join(part)):
            yield start, part
            start, part = at, []
        part.append(line)
    yield start, part


def _begins(line: str, before: str) -> bool:
    bullet = _BULLET.match(line)
    plain = line[bullet.end() :] if bullet else line
    capital = plain[:1].isupper() or plain[:1].isdigit() or plain[:1] in {"«", '"'}
    fresh = bool(bullet) or (capital and bool(_ENDED.search(before)))
    return fresh and _tells(plain)


def _tells(text: str) -> bool:
    folded = fold(text)
    return bool(_OUTAGE.search(folded) and (_TIME.search(folded) or _DATED.search(folded)))


def _continues(before: Block, lines: Sequence[str]) -> bool:
    """A paragraph that tells no outage of its own: a list after a head, or a closing word."""
    if _tells(" ".join(lines)):
        return False
    return _tells(before.text) and (
        before.lines[-1].endswith((":", ";")) or _OUTAGE.search(fold(" ".join(lines))) is None
    )


def _rows(block: Block, values: Mapping[str, str], atlas: Atlas, today: date) -> Iterator[AnyRow]:
    try:
        published, undated = _published(values, today)
        plain_text("текст", block.text)
        parts = _parts(block, values, atlas)
    except InputError as error:
        yield bad(block.line, error, block.text)
        return
    make = partial(_row, block, values=values, atlas=atlas, published=published, undated=undated)
    for item, reason in parts.wrong:
        yield bad(block.line, reason, _told(parts, item))  # can be mended and pasted as it is
    if parts.groups:
        for group in parts.groups:
            yield make(_told(parts, place_words(group, atlas)), group)
    elif not parts.wrong:
        yield make(block.text, None)


def _row(  # noqa: PLR0913  keyword-only options
    block: Block,
    text: str,
    group: Group | None,
    *,
    values: Mapping[str, str],
    atlas: Atlas,
    published: Moment,
    undated: bool,
) -> Row:
    told = values.get("utility", "")
    name = cells.answer(told, words()["utilities"]) if told else None
    amend = partial(_given, group=group, utility=Utility(name) if name else None, provider=values.get("provider"),
                    atlas=atlas)  # fmt: skip
    teaser = Teaser(
        id=str(block.line), text=text, title=_title(text, name), published=published,
        source_url=values.get("source_url") or None, source_name=values.get("source_name") or None,
    )  # fmt: skip
    return Row(block.line, teaser, text, amend, undated=undated)


def _title(text: str, utility: str | None) -> str | None:
    """What the editor says is off, where the notice does not say it: it is read with it."""
    if utility is None or cells.answer(text, words()["utilities"]) is not None:
        return None
    name = NAMES[Utility(utility)]
    return name[:1].upper() + name[1:]


def _given(
    incident: Incident, *, group: Group | None, utility: Utility | None, provider: str | None, atlas: Atlas
) -> Incident:
    """The incident with the settlement and streets of its item. Raises InputError for what is no outage."""
    outage = incident.outage
    if outage is None and utility is not None:
        outage = Outage(utility)
        incident = replace(incident, category=CATEGORIES[utility])
    if outage is None:
        raise InputError("не видно, что отключают: добавьте «воды», «электроэнергии», «газа» или выберите это для всех")
    withdrawn = outage.withdrawn or cells.answer(_DOTTED.sub(" ", incident.text), words()["called_off"]) is not None
    outage = replace(outage, provider=outage.provider or provider, withdrawn=withdrawn)
    if group is None or group.place is None:
        return replace(incident, outage=outage)
    outage = replace(outage, places=(group.place.name,), streets=group.streets)
    return replace(incident, outage=outage, location=located(incident.location, (group,), atlas), alternatives=())


def _published(values: Mapping[str, str], today: date) -> tuple[Moment, bool]:
    told = values.get("published")
    return (cells.moment(cells.day_cell(told), today=today), False) if told else (today, True)


def _told(parts: _Parts, item: str) -> str:
    """The notice of one item."""
    head = " ".join(parts.head).strip()
    joint = " " if head.endswith((":", "—", "-")) else ": "
    tail = " ".join(parts.tail)
    stop = ", " if tail[:1].islower() else ". "
    return f"{head}{joint}{item.rstrip(' .;')}{stop}{tail}".strip()


def _parts(block: Block, values: Mapping[str, str], atlas: Atlas) -> _Parts:
    parts = _Parts(district=values.get("district") or None)
    bracketed = list(_BRACKETED.finditer(block.text))
    if len(bracketed) > 1:
        return _of_brackets(block.text, bracketed, parts, atlas)
    for line in _lines(block):
        _take(parts, line, atlas)
    return parts


def _of_brackets(text: str, found: Sequence[re.Match[str]], parts: _Parts, atlas: Atlas) -> _Parts:
    """«… в ст. Динской (ул. Красная) и п. Украинском (ул. Ленина)»."""
    parts.head = [re.sub(r"[\s,]+(?:в|на)?$", "", text[: found[0].start()].strip())]
    parts.tail = [text[found[-1].end() :].strip(" .;,\n")]
    for each in found:
        _add(parts, f"{each['name']}: {each['streets']}", atlas)
    return parts


def _lines(block: Block) -> Iterator[str]:
    """The lines of a notice; a list that goes on after a colon, and sentences after a list, are lines of their own."""
    for line in block.lines:
        colon = next((m.end() for m in _COLON.finditer(line) if _itemlike(line[m.end() :])), None)
        named = _itemlike(line)
        if colon is None or named:
            yield from _sentences(line) if named else [line]
            continue
        yield line[:colon]
        yield from _sentences(line[colon:].strip())


def _sentences(items: str) -> Iterator[str]:
    """A list, and the sentences after it."""
    for each in _SENTENCE.finditer(items):
        if not _ABBREVIATED.search(items[: each.start()]):
            yield items[: each.start()]
            yield items[each.end() :]
            return
    yield items


def _take(parts: _Parts, line: str, atlas: Atlas) -> None:
    plain = _BULLET.sub("", line)
    if not _itemlike(plain) or (not parts.head and _tells(plain)):
        (parts.tail if parts.groups or parts.wrong else parts.head).append(line)
    elif not parts.head and not parts.groups and not _tells(" ".join((*parts.head, line))) and _only(plain, atlas):
        parts.head.append(line)
    else:
        _add(parts, plain, atlas)


def _only(line: str, atlas: Atlas) -> bool:
    """A line above the notice that names only where: «Тбилисский район»."""
    return atlas.municipality_named(line.strip(" .:")) is not None


def _add(parts: _Parts, line: str, atlas: Atlas) -> None:
    """The settlements of an item; streets without one go to the settlement before."""
    named = line.strip(" .;")
    municipality = atlas.municipality_named(named.rstrip(":"))
    if municipality is not None and "айон" in named:
        parts.district = municipality.name
        return
    for item in filter(None, (each.strip() for each in named.split(";"))):
        try:
            _extend(
                parts,
                address.read_address(_typed(item), atlas, district=parts.district, before=tuple(parts.groups[-1:])),
            )
        except InputError as error:
            parts.wrong.append((f"{parts.district}, {item}" if parts.district else item, str(error)))


def _extend(parts: _Parts, found: Sequence[Group]) -> None:
    parts.groups[-1:] = found


def _typed(item: str) -> str:
    """«Тбилисская – ул. Мира» with the colon that parts a settlement from its streets."""
    return re.sub(r"(^|,\s*)((?:[а-яё-]{1,9}\.?\s*)?[А-ЯЁ][\w-]+(?:\s[А-ЯЁ][\w-]+)?)\s+[–—-]\s+", r"\1\2: ", item)


def _itemlike(text: str) -> bool:
    """Whether a line begins as an item of a list does: a type of settlement, a district, a street."""
    return bool(_item().match(fold(_BULLET.sub("", text)).strip()))


@lru_cache(maxsize=1)
def _item() -> re.Pattern[str]:
    types = load("where")["types"]
    forms = sorted({word for name, words_ in types.items() if name not in {"река", "пляж"} for word in words_}, key=len)
    short = "|".join(re.escape(word) for word in reversed(forms))
    streets = r"ул|улица|улицы|пер|переулок|переулки|пр-т|проспект|б-р|бульвар|пл|наб|мкр"
    return re.compile(rf"(?:(?:{short}|{streets})(?:\.\s*|\s+)[«\"]?\w|[а-я-]+(?:ий|ой) (?:район|р-н|округ)(?:\W|$))")
