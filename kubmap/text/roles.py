"""The part that a place plays: where it happened, or a direction, a home town, a source, a tail of another story."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.frame import Frame
from kubmap.text.places import Mention, Relation, Role, replace
from kubmap.text.placewords import place_words
from kubmap.text.scan import Scan

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

_AWAY = re.compile(
    r"(?:в|на|за)\s+(?:(?:примерно|около|порядка)\s+)?(?P<n>\d+(?:[.,]\d+)?|[а-я\-]+)\s*"
    r"(?P<unit>км|километр\w*|метр\w*)\.?\s+(?:(?:(?:к|на)\s+)?(?P<side>[\w-]+)\s+)?(?:от|до|не доезжая(?: до)?)\s+"
    r"(?:\w{1,8}\.?\s*)?$"
)
_NUMBERS = {
    "одном": 1, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9,
    "десяти": 10, "полутора": 1.5, "пятнадцати": 15, "двадцати": 20, "тридцати": 30,
}  # fmt: skip
ASIDE_M = 40_000
"""How far from the title's place another story's is."""
TOWN = 15_000
"""People: a larger place is meant before its homonyms."""
_PLACED = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.ROAD, PlaceKind.ROAD_KM, PlaceKind.STREET})
_TOLD = frozenset({Role.EVENT, Role.RESIDENTS})
_ONWARD = frozenset({"в", "до", "на", "к", "в сторону", "в направлении", "через", "—", "–"})
_PEOPLE = frozenset({"people", "outside_people", "krai_people", "krai_residents"})
_DASHES = frozenset({"—", "–", "-"})
_OFFICIAL = frozenset({"г", "россии", "рф", "по", "города", "краевого", "местной", "и"})
_PLACES = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OUTSIDE, PlaceKind.OTHER, PlaceKind.KRAI})


def assign(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """The mentions with their roles and relations; members of a list share those of its first."""
    found = _inside_others(scan, _homes(scan, [_placed(scan, mention) for mention in mentions]))
    return _crossings(scan, _between(scan, _shared(_onward(scan, _listed(scan, found)))))


def asides(found: list[Mention], head: list[Mention], frame: Frame, atlas: Atlas) -> list[Mention]:
    """A place that the text names after its first sentence, far from the title's, is of another story beside it.

    «Пожар на складе под Ейском // Горит кровля. Днём ранее тушили рынок в Сочи»: what the title says is not told again.
    """
    titled = [m for m in head if m.kind == PlaceKind.SETTLEMENT and m.role == Role.EVENT]
    told = [m for m in found if m.kind in _PLACED and m.role in _TOLD and m.ids]
    if len(titled) != 1 or not told or not frame.sentences or told[0].start < frame.sentences[0][1]:
        return found
    home = _certain(atlas, titled[0])
    if home is None or not all(_elsewhere(atlas, m, home) for m in told):
        return found
    return [replace(m, role=Role.TAIL) if m in told else m for m in found]


def _certain(atlas: Atlas, mention: Mention) -> Settlement | None:
    """The one place that a mention may mean, or a town among homonyms."""
    places = [place for i in mention.ids if (place := atlas.settlements.get(i)) is not None]
    best = max(places, key=lambda place: place.population or 0, default=None)
    return best if best is not None and (len(places) == 1 or (best.population or 0) >= TOWN) else None


def _elsewhere(atlas: Atlas, mention: Mention, home: Settlement) -> bool:
    """Whether every place that a mention may mean is of another municipality, and far away."""
    if mention.kind == PlaceKind.DISTRICT and not mention.inner:
        return mention.ids[0] != home.municipality
    places = [place for i in mention.ids if (place := atlas.settlements.get(i)) is not None]
    if mention.kind not in {PlaceKind.SETTLEMENT, PlaceKind.DISTRICT} or not places:
        return False
    return all(
        p.municipality != home.municipality and distance_m((p.lat, p.lon), (home.lat, home.lon)) > ASIDE_M
        for p in places
    )


def _homes(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«жительницу Лазаревского района Сочи»: the city that follows its district is a home as the district is."""
    found = list(mentions)
    for n, (one, after) in enumerate(pairwise(mentions)):
        adjacent = one.role == Role.HOME and one.inner and not scan.text[one.end : after.start].strip(" г.")
        if adjacent and after.role == Role.EVENT and _contains(scan, after, one):
            found[n + 1] = replace(after, role=Role.HOME)
    return found


def _inside_others(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«в станице Казанской Верхнедонского района Ростовской области»: a place that another region follows is there."""
    found = list(mentions)
    for n in range(len(found) - 2, -1, -1):
        one, after = found[n], found[n + 1]
        gap = scan.text[one.end : after.start].strip()
        region = after.kind == PlaceKind.OUTSIDE and after.rule not in {"outside_people", "people"}
        if region and gap == "в" and _uninhabited(scan, one):
            found[n] = replace(one, kind=PlaceKind.OUTSIDE, ids=(), rule="inside_other_region")
        if region and one.kind in _AREAS and (gap in {"", "("} or (gap == "," and after.rule in _REGIONS)):
            found[n] = replace(one, kind=PlaceKind.OUTSIDE, ids=(), rule="inside_other_region")
    return found


def _uninhabited(scan: Scan, mention: Mention) -> bool:
    """«на Лаго-Наки в Адыгее»: mountains lie on both sides of the border."""
    place = scan.atlas.settlements.get(mention.ids[0]) if mention.ids else None
    return place is not None and place.type == "место"


_REGIONS = frozenset({"other_region", "republic", "outside_district", "inside_other_region"})


def _placed(scan: Scan, mention: Mention) -> Mention:
    frame = scan.frame
    if frame is not None and frame.dateline and mention.end <= frame.dateline[1]:
        return replace(mention, role=Role.DATELINE)
    if frame is not None and frame.in_tail(mention.start):
        return replace(mention, role=Role.TAIL)
    if mention.kind == PlaceKind.STREET:
        direction = _direction(Look(scan, mention, first := _token_at(scan, mention.start), scan.before(first, 4)))
        return replace(mention, role=direction) if direction else mention
    if mention.kind not in _PLACES or mention.rule in _PEOPLE or mention.role in {Role.WEAK, Role.ROUTE}:
        return mention
    first = _token_at(scan, mention.start)
    mention = _related(scan, mention, first)
    role = _role(scan, mention, first)
    if role == Role.EVENT and frame is not None and frame.in_recall(mention.start):
        role = Role.RECALL
    return mention if role == Role.EVENT else replace(mention, role=role)


def _token_at(scan: Scan, start: int) -> int:
    """The index of the token that begins at `start` (tokens are in order)."""
    return bisect_left(scan.starts, start)


def _related(scan: Scan, mention: Mention, first: int) -> Mention:
    """The mention with its relation: «под X», «в 5 км от X»."""
    head = scan.folded[max(0, mention.start - 60) : mention.start]
    away = _AWAY.search(head) if "км" in head or "метр" in head else None
    if away is not None and (km := _number(away["n"])) is not None:
        far = km if away["unit"].startswith("к") else km / 1000
        return replace(mention, relation=Relation.AWAY, away_km=far, bearing=_bearing(away["side"]))
    before = tuple(scan.before(first, 3))
    if any(before[-size:] in scan.w.near for size in (3, 2, 1) if len(before) >= size):
        return replace(mention, relation=Relation.NEAR)
    return mention


def _bearing(side: str | None) -> float | None:
    """Degrees from the north of «к северо-западу», «южнее»."""
    if not side:
        return None
    parts = [_SIDES[part[:3]] for part in side.split("-") if part[:3] in _SIDES]
    if len(parts) == 2 and max(parts) - min(parts) > 180:
        parts = [part or 360.0 for part in parts]
    return sum(parts) / len(parts) if parts else None


_SIDES = {"сев": 0.0, "вос": 90.0, "юго": 180.0, "юж": 180.0, "югу": 180.0, "южн": 180.0, "зап": 270.0}


def _number(text: str) -> float | None:
    if text[0].isdigit():
        return float(text.replace(",", "."))
    return _NUMBERS.get(text)


@dataclass(frozen=True, slots=True)
class Look:
    """A mention with what stands before it: `first` is its token, `before` up to six folded words of its clause."""

    scan: Scan
    mention: Mention
    first: int
    before: list[str]

    @property
    def end(self) -> int:
        """The token after the mention."""
        return _token_at(self.scan, self.mention.end)


def _role(scan: Scan, mention: Mention, first: int) -> Role:
    look = Look(scan, mention, first, scan.before(first, 6))
    for rule in _WORDLESS if _telling().isdisjoint(look.before) else _ROLES:
        role = rule(look)
        if role is not None:
            return role
    return mention.role


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Words of which one must stand before the mention for a rule of `_BY_WORD` to read anything."""
    words = place_words().words
    treated = words("roles", "treated", "towards") | words("roles", "treated", "places")
    homes = words("roles", "home", "words") | words("roles", "home", "plural")
    return treated | homes | words("roles", "exception", "words") | words("roles", "source", "words")


def _border(look: Look) -> Role | None:
    """«на границе с Адыгеей»: on this side of it."""
    return (
        Role.WEAK if len(look.before) > 1 and look.before[-2].startswith("границ") and look.before[-1] == "с" else None
    )


def _cause(look: Look) -> Role | None:
    """«из-за сбоя в Крыму»: the cause lies outside, what it did need not."""
    if look.mention.kind != PlaceKind.OUTSIDE:
        return None
    return Role.SOURCE if ("из", "за") in set(pairwise(look.before)) else None


def _treated(look: Look) -> Role | None:
    """«доставили в больницу Армавира», «отправили в СИЗО Краснодара»: not where it happened."""
    place = next((word for word in look.before[::-1] if word not in {"г", "города"}), "")
    if place in look.scan.w.words("roles", "treated", "towards"):
        return Role.DIRECTION
    if place not in look.scan.w.words("roles", "treated", "places"):
        return None
    taken = tuple(look.scan.w.sections["roles"]["treated"]["verbs"])
    return Role.DIRECTION if any(word.startswith(taken) for word in look.before) else None


def _exception(look: Look) -> Role | None:
    words = look.scan.w.words("roles", "exception", "words")
    return None if words.isdisjoint(look.before[-4:]) else Role.EXCEPTION


def _route(look: Look) -> Role | None:
    """«поезд Астрахань — Сочи», «автобус «Баку — Краснодар»»: both ends of a name with a dash, no road word."""
    return Role.ROUTE if _dashed(look) and _in_route(look) else None


def _dashed(look: Look) -> bool:
    text, mention = look.scan.text, look.mention
    after = text[mention.end : mention.end + 3].strip()[:1]
    before = text[max(0, mention.start - 3) : mention.start].strip()[-1:]
    return after in _DASHES or before in _DASHES


def _in_route(look: Look) -> bool:
    words = look.scan.w.words("roles", "route", "words")
    return not words.isdisjoint(look.scan.folds[max(0, look.first - 8) : look.first])


def _source(look: Look) -> Role | None:
    """«ОМВД по г. Горячий Ключ», «глава Сочи», «полиция Новороссийска»."""
    tail = [word for word in look.before if word not in _OFFICIAL]
    if not tail or tail[-1] not in look.scan.w.words("roles", "source", "words"):
        return None
    last = len(look.before) - 1 - look.before[::-1].index(tail[-1])
    return Role.SOURCE if "в" not in look.before[last + 1 :] else None


def _home(look: Look) -> Role | None:
    """«64-летнего жителя ст-цы Тбилисской»; a group («жители Тихорецка») tells where it happened."""
    single = look.scan.w.words("roles", "home", "words")
    plural = look.scan.w.words("roles", "home", "plural")
    near = look.before[-3:]
    for at, word in enumerate(near[::-1]):
        between = near[len(near) - at :]
        if word in plural and all(map(_fits_between, between)):
            return Role.RESIDENTS if "из" not in between else Role.HOME
        if word in single and (not between or "из" in between or between[-1] in {"г", "города"}):
            return Role.HOME
    if look.before[-1:] == ["из"] and any(word in single for word in look.before):
        return Role.HOME
    return None


def _fits_between(word: str) -> bool:
    return word in {"г", "с", "х"} or (len(word) > 1 and word not in {"во", "под", "на", "из"})


def _direction(look: Look) -> Role | None:
    """«в сторону ул. Школьной», «ехала из Краснодара», «до Темрюка»."""
    words = tuple(look.before)
    if words[-1:] in {("из",), ("в",)} and any(word.startswith(_ACCESS) for word in words[-4:-1]):
        return None
    if words[-1:] in {("на",), ("в",), ("к",)} and any(word.startswith(_TURNING) for word in words[-3:-1]):
        return None
    if any(words[-size:] in look.scan.w.direction for size in (3, 2) if len(words) >= size):
        return Role.DIRECTION
    if words[-1:] == ("на",) and _accusative(look) and not any(word.startswith(_STRUCK) for word in words):
        return Role.DIRECTION
    return Role.DIRECTION if words[-1:] in {("из",), ("до",), ("через",)} else None


_ACCESS = ("въезд", "выезд", "съезд", "заезд")
"""«съезды из станицы закрыты», «въезд в город»: at it."""
_TURNING = ("поворот", "развилк", "ответвлен", "ведущ")
"""«у поворота на станицу», «на дороге, ведущей в село»: near it."""
_STRUCK = ("подач", "обруш", "дует", "дул", "надвиг", "напа", "упа", "нале", "атак", "рухн", "пада", "движется", "идет")
"""«обрушился на Джубгу», «ветер дует на Новороссийск»: it happened there."""


def _accusative(look: Look) -> bool:
    """«на Джубгу», «на Новороссийск»: towards; «на Кубани», «на Красной Поляне»: there."""
    mention = look.mention
    if mention.kind != PlaceKind.SETTLEMENT or mention.type_word is not None or mention.rule == "landmark":
        return False
    place = look.scan.atlas.settlements.get(mention.ids[0]) if mention.ids else None
    if place is not None and place.type == "место":
        return False
    word = fold(mention.text)
    return word.endswith(("у", "ю")) or word == fold(mention.name)


_CLAUSE = ".!?;:()…—,"
_CAUGHT = frozenset({"задержан", "задержана", "задержаны", "пойман", "поймана", "пойманы", "арестован", "арестованы"})


_CATCH = ("задерж", "пойма", "арест")
"""«В Ростове задержали жителя края»: caught there; what he did may be elsewhere."""
_FOUND = ("тел", "труп", "останк", "пропав", "погибш", "утонув")
"""«тело нашли у хутора»: it happened there, nobody was caught."""


def _arrest(look: Look) -> Role | None:
    words = look.scan.w.words("roles", "arrest", "words")
    after = look.scan.folds[look.end : look.end + 2]
    after = after[: after.index(",")] if "," in after else after
    if any(word.startswith(_FOUND) for word in [*look.before, *after]):
        return None
    caught = not _CAUGHT.isdisjoint(after)
    if look.mention.kind == PlaceKind.OUTSIDE and after and after[0].startswith(_CATCH):
        return Role.ARREST
    return Role.ARREST if caught or not words.isdisjoint(look.scan.before_within(look.first, 5, _CLAUSE)) else None


_ROLES = (_border, _cause, _treated, _exception, _route, _source, _home, _direction, _arrest)
_BY_WORD = frozenset({_treated, _exception, _source, _home})
_WORDLESS = tuple(rule for rule in _ROLES if rule not in _BY_WORD)
"""What is left to ask where no word before the mention tells its role, as before most."""


def _onward(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«из Пшады в Анапу», «от Новой до Воронежской»: where a way ends is a direction as its start is."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is not None and mention.role in {Role.EVENT, Role.DIRECTION}:
            joint = scan.text[last.end : mention.start].strip().lower()
            from_there = last.role in {Role.DIRECTION, Role.HOME}
            if from_there and joint in _ONWARD:
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
            elif joint in {"на", "в", "к"} and scan.before(_token_at(scan, last.start), 1) == ["от"]:
                found[-1] = replace(last, role=Role.DIRECTION)
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
            elif last.role == Role.DIRECTION and joint in {",", "и"} and _across(last, mention):
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
        found.append(mention)
    return found


def _across(a: Mention, b: Mention) -> bool:
    """«силы из Майкопа, Адыгеи и Армавира»: a list of both sides of the border, or its members."""
    return PlaceKind.OUTSIDE in {a.kind, b.kind} or (a.group != 0 and a.group == b.group)


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
    if a.kind not in _AREAS or b.kind not in _AREAS or Role.WEAK in {a.role, b.role}:
        return False
    joint = scan.text[a.end : b.start].strip().lower()
    if joint not in _JOINTS:
        return False
    if joint == "," and a.kind == PlaceKind.SETTLEMENT and b.kind == PlaceKind.DISTRICT and not b.group:
        return False
    if joint.startswith(("и", "а также")):
        return True
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
    for a, b in pairwise(places):
        one, two = found[a], found[b]
        joint = scan.text[one.end : two.start].strip().lower()
        head = scan.before(_token_at(scan, one.start), 2)
        if (
            (joint in {"и", "—", "–"} and "между" in head)
            or (joint in _DASHES and _on_stretch(scan, one))
            or (joint == "до" and head[-1:] == ["от"])
        ):
            group = scan.new_group()
            found[a] = replace(one, relation=Relation.BETWEEN, group=group, role=_story(one))
            found[b] = replace(two, relation=Relation.BETWEEN, group=group, role=_story(one))
    return found


def _crossings(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«на пересечении трасс М-4 и А-160»: the two roads become one group with the relation BETWEEN."""
    found = list(mentions)
    roads = [n for n, m in enumerate(found) if m.kind == PlaceKind.ROAD and m.role == Role.EVENT]
    for a, b in pairwise(roads):
        head = scan.folded[max(0, found[a].start - 60) : found[a].start]
        if found[b].start - found[a].end < 60 and any(word in head for word in _CROSSING):
            group = scan.new_group()
            found[a] = replace(found[a], relation=Relation.BETWEEN, group=group)
            found[b] = replace(found[b], relation=Relation.BETWEEN, group=group)
    return found


_CROSSING = ("перекрест", "пересечени", "развилк", "развязк", "примыкани", "стык")


def _on_stretch(scan: Scan, mention: Mention) -> bool:
    """«на перегоне Кавказская — Гулькевичи», «на участке …»: a stretch between two stations."""
    before = scan.before(_token_at(scan, mention.start), 2)
    return any(word.startswith(("перегон", "участ", "железн")) for word in before)


def _story(mention: Mention) -> Role:
    return mention.role if mention.role in {Role.TAIL, Role.DATELINE} else Role.EVENT
