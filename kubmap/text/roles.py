"""The part that a place plays: where it happened, or a direction, a home town, a source, a tail of another story."""

from __future__ import annotations

import re
from dataclasses import replace

from kubmap.domain import PlaceKind
from kubmap.text.places import Mention, Relation, Role
from kubmap.text.scan import Scan

_AWAY = re.compile(
    r"(?:в|на|за)\s+(?:(?:примерно|около|порядка)\s+)?(?P<n>\d+(?:[.,]\d+)?|[а-я\-]+)\s*"
    r"(?P<unit>км|километр\w*|метр\w*)\.?\s+(?:(?:к\s+)?\w+\s+)?(?:от|до|не доезжая(?: до)?)\s+(?:\w{1,8}\.?\s*)?$"
)
_NUMBERS = {
    "одном": 1, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9,
    "десяти": 10, "полутора": 1.5, "пятнадцати": 15, "двадцати": 20, "тридцати": 30,
}  # fmt: skip
_PLACES = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OUTSIDE, PlaceKind.OTHER, PlaceKind.KRAI})


def assign(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """The mentions with their roles and relations; members of a list share those of its first."""
    found = [_placed(scan, mention) for mention in mentions]
    return _between(scan, _shared(_onward(scan, _listed(scan, found))))


def _placed(scan: Scan, mention: Mention) -> Mention:
    frame = scan.frame
    if frame is not None and frame.dateline and mention.end <= frame.dateline[1]:
        return replace(mention, role=Role.DATELINE)
    if frame is not None and frame.in_tail(mention.start):
        return replace(mention, role=Role.TAIL)
    if mention.kind not in _PLACES or mention.role in {Role.WEAK, Role.ROUTE}:
        return mention
    first = _token_at(scan, mention.start)
    mention = replace(mention, **_relation(scan, mention, first))
    role = _role(scan, mention, first)
    if role == Role.EVENT and frame is not None and frame.in_recall(mention.start):
        role = Role.RECALL
    return mention if role == Role.EVENT else replace(mention, role=role)


def _token_at(scan: Scan, start: int) -> int:
    """The index of the token that begins at `start` (tokens are in order)."""
    low, high = 0, len(scan.tokens)
    while low < high:
        middle = (low + high) // 2
        if scan.tokens[middle].start < start:
            low = middle + 1
        else:
            high = middle
    return low


def _relation(scan: Scan, mention: Mention, first: int) -> dict[str, object]:
    before = tuple(scan.before(first, 3))
    head = scan.text[max(0, mention.start - 60) : mention.start].lower().replace("ё", "е")
    away = _AWAY.search(head)
    if away is not None and (km := _number(away["n"])) is not None:
        return {"relation": Relation.AWAY, "away_km": km if away["unit"].startswith("к") else km / 1000}
    if any(before[-size:] in scan.w.near for size in (3, 2, 1) if len(before) >= size):
        return {"relation": Relation.NEAR}
    return {}


def _number(text: str) -> float | None:
    if text[0].isdigit():
        return float(text.replace(",", "."))
    return _NUMBERS.get(text)


def _role(scan: Scan, mention: Mention, first: int) -> Role:
    before = scan.before(first, 6)
    for rule in (_route, _source, _home, _direction, _arrest):
        role = rule(scan, mention, first, before)
        if role is not None:
            return role
    return mention.role


def _route(scan: Scan, mention: Mention, first: int, before: list[str]) -> Role | None:
    """«поезд Астрахань — Сочи», «автобус «Баку — Краснодар»»: both ends of a name with a dash, no road word."""
    return Role.ROUTE if _dashed(scan, mention, first) and _in_route(scan, first) else None


def _dashed(scan: Scan, mention: Mention, first: int) -> bool:
    after = scan.text[mention.end : mention.end + 3].strip()[:1]
    before = scan.text[max(0, mention.start - 3) : mention.start].strip()[-1:]
    return after in {"—", "–", "-"} or before in {"—", "–", "-"}


def _in_route(scan: Scan, first: int) -> bool:
    words = scan.w.words("roles", "route", "words")
    return any(scan.fold(k) in words for k in range(max(0, first - 8), first))


def _source(scan: Scan, mention: Mention, first: int, before: list[str]) -> Role | None:
    """«ОМВД по г. Горячий Ключ», «глава Сочи», «полиция Новороссийска»."""
    words = scan.w.words("roles", "source", "words")
    tail = [word for word in before if word not in {"г", "россии", "рф", "по", "города", "краевого", "местной", "и"}]
    if tail and tail[-1] in words:
        last = len(before) - 1 - before[::-1].index(tail[-1])
        between = before[last + 1 :]
        return Role.SOURCE if all(word != "в" for word in between) else None
    return None


def _home(scan: Scan, mention: Mention, first: int, before: list[str]) -> Role | None:
    """«64-летнего жителя ст-цы Тбилисской»; a group («жители Тихорецка») tells where it happened."""
    single = scan.w.words("roles", "home", "words")
    plural = scan.w.words("roles", "home", "plural")
    near = before[-3:]
    for at, word in enumerate(near[::-1]):
        between = near[len(near) - at :]
        if word in plural and all(_fits_between(scan, w) for w in between):
            return Role.RESIDENTS if "из" not in between else Role.HOME
        if word in single and (not between or "из" in between or between[-1] in {"г", "города"}):
            return Role.HOME
    if before and before[-1] == "из" and any(word in single for word in before):
        return Role.HOME
    return None


def _fits_between(scan: Scan, word: str) -> bool:
    return len(word) > 1 and word not in {"во", "под", "на", "из"} or word in {"г", "с", "х"}


def _direction(scan: Scan, mention: Mention, first: int, before: list[str]) -> Role | None:
    """«в сторону ул. Школьной», «ехала из Краснодара», «до Темрюка»."""
    words = tuple(before)
    for size in (3, 2):
        if len(words) >= size and words[-size:] in scan.w.direction:
            return Role.DIRECTION
    if words and words[-1] in scan.w.words("roles", "direction", "weak") and not _is_under(words):
        return Role.DIRECTION if words[-1] != "на" else None
    return None


def _is_under(words: tuple[str, ...]) -> bool:
    """«из-под Армавира» is read as its first word here; «недалеко от» is a relation."""
    return words[-2:] == ("из", "под")


def _arrest(scan: Scan, mention: Mention, first: int, before: list[str]) -> Role | None:
    words = scan.w.words("roles", "arrest", "words")
    return Role.ARREST if any(word in words for word in before[-5:]) else None


def _onward(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«из Пшады в Анапу», «от Новой до Воронежской»: where a way ends is a direction as its start is."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is not None and last.role in {Role.DIRECTION, Role.HOME} and mention.role == Role.EVENT:
            joint = scan.text[last.end : mention.start].strip().lower()
            if joint in {"в", "до", "на", "к", "в сторону", "в направлении", "через", "—", "–"}:
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
        found.append(mention)
    return found


def _listed(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«Новороссийск и Геленджик», «в Анапе, Сочи»: places side by side become one group."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is not None and _side_by_side(scan, last, mention):
            group = last.group or mention.group or scan.new_group()
            found[-1] = replace(last, group=group)
            old = mention.group
            mention = replace(mention, group=group)  # noqa: PLW2901
            if old and old != group:
                found = [replace(m, group=group) if m.group == old else m for m in found]
        found.append(mention)
    return found


_AREAS = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OTHER})
_JOINTS = frozenset({",", "и", "и в", ", в", ", а также", ", а также в", "а также в", "а также", "и во"})


def _side_by_side(scan: Scan, a: Mention, b: Mention) -> bool:
    if a.kind not in _AREAS or b.kind not in _AREAS or a.role == Role.WEAK or b.role == Role.WEAK:
        return False
    joint = scan.text[a.end : b.start].strip().lower()
    if joint not in _JOINTS:
        return False
    return not _contains(scan, a, b) and not _contains(scan, b, a)


def _contains(scan: Scan, outer: Mention, inner: Mention) -> bool:
    """«с. Молдавановка, Туапсинский район», «Адлер, Сочи»: the second tells where the first is."""
    if inner.kind not in {PlaceKind.SETTLEMENT, PlaceKind.DISTRICT} or not inner.ids or not outer.ids:
        return False
    places = [scan.atlas.settlements.get(i) for i in inner.ids]
    if outer.kind == PlaceKind.DISTRICT and not outer.inner:
        return any(place is not None and place.municipality == outer.ids[0] for place in places)
    return any(
        place is not None and outer.ids[0] in {place.parent, _centre(scan, place.municipality)} for place in places
    )


def _centre(scan: Scan, municipality: str) -> str | None:
    owner = scan.atlas.municipalities.get(municipality)
    return owner.centre if owner is not None and not owner.name.endswith("район") else None


def _shared(mentions: list[Mention]) -> list[Mention]:
    """Members of a list take the role and the relation of its first member."""
    first: dict[int, Mention] = {}
    found = []
    for mention in mentions:
        if mention.group:
            head = first.setdefault(mention.group, mention)
            mention = replace(mention, role=head.role, relation=head.relation)  # noqa: PLW2901
        found.append(mention)
    return found


def _between(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«между X и Y», «от X до Y»: the two become one group with that relation."""
    found = list(mentions)
    places = [n for n, m in enumerate(found) if m.kind in {PlaceKind.SETTLEMENT, PlaceKind.OUTSIDE, PlaceKind.OTHER}]
    for a, b in zip(places, places[1:], strict=False):
        one, two = found[a], found[b]
        joint = scan.text[one.end : two.start].strip().lower()
        head = scan.before(_token_at(scan, one.start), 2)
        if (joint in {"и", "—", "–"} and "между" in head) or (joint == "до" and head[-1:] == ["от"]):
            group = scan.new_group()
            rest = {"relation": Relation.BETWEEN, "group": group, "role": _story(one)}
            found[a], found[b] = replace(one, **rest), replace(two, **rest)
    return found


def _story(mention: Mention) -> Role:
    return mention.role if mention.role in {Role.TAIL, Role.DATELINE} else Role.EVENT
