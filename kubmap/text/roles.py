"""The part that a place plays: where it happened, or a direction, a home town, a source, a tail of another story."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.domain import PlaceKind
from kubmap.text.frame import Frame
from kubmap.text.marks import METRES
from kubmap.text.places import Mention, Relation, Role, replace
from kubmap.text.railway import on_stretch
from kubmap.text.relations import related
from kubmap.text.rolerules import LAST, LEADS, LED, NEARS, Look, direction, role_of, token_at
from kubmap.text.scan import Scan

if TYPE_CHECKING:
    from kubmap.atlas.model import Settlement

_EVENT, _HOME, _STREET, _OUTSIDE = Role.EVENT, Role.HOME, PlaceKind.STREET, PlaceKind.OUTSIDE
"""Members that are asked for at every mention: a look-up in an enum's class takes as long as a small rule."""
_ONWARD = frozenset({"в", "до", "на", "к", "в сторону", "в направлении", "через", "—", "–"})
_PEOPLE = frozenset({"people", "outside_people", "krai_people", "krai_residents"})
_DASHES = frozenset({"—", "–", "-"})
_SETTLED = frozenset({Role.WEAK, Role.ROUTE})
_ON_WAY, _FROM_THERE = frozenset({Role.EVENT, Role.DIRECTION}), frozenset({Role.DIRECTION, Role.HOME})
_TO, _ALSO = frozenset({"на", "в", "к"}), frozenset({",", "и"})
_WAYS = _ONWARD | _TO | _ALSO
_ENDS = frozenset({PlaceKind.SETTLEMENT, PlaceKind.OUTSIDE, PlaceKind.OTHER})
_HELD = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})
_AND = frozenset({"и", "—", "–"})
_ASIDE = frozenset({Role.TAIL, Role.DATELINE})
_PLACES = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OUTSIDE, PlaceKind.OTHER, PlaceKind.KRAI})


def assign(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """The mentions with their roles and relations; members of a list share those of its first."""
    found = [_placed(scan, mention) for mention in mentions]
    if len(found) < 2:
        return found
    if scan.mask & METRES:
        found = _bracketed(scan, found)
    kinds, roles = list(map(_KIND, found)), set(map(_ROLE, found))
    if _HOME in roles:
        found = _homes(scan, found)
    if _OUTSIDE in kinds:
        found = _inside_others(scan, found)
    found = _joined(scan, found, {_joint(scan, one, two) for one, two in pairwise(found)})
    return _crossings(scan, found) if kinds.count(PlaceKind.ROAD) > 1 else found


def _bracketed(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«в Приморско-Ахтарске (в 151 км от Краснодара)», «в Витязево, расположенном в 20 км от Анапы»: where it lies."""
    found = list(mentions)
    for n, (one, after) in enumerate(pairwise(mentions), 1):
        told = one.kind == PlaceKind.SETTLEMENT and after.relation is Relation.AWAY
        if told and _LIES.match(_joint(scan, one, after)):
            found[n] = replace(after, role=Role.DIRECTION)
    return found


_LIES = re.compile(r"\(|,\s+(?:что\s|(?:котор\w+\s+)?(?:расположен|наход))")
_KIND, _ROLE, _GROUP = attrgetter("kind"), attrgetter("role"), attrgetter("group")


def _joint(scan: Scan, one: Mention, two: Mention) -> str:
    """What stands between two mentions, folded."""
    return scan.text[one.end : two.start].strip().lower()


def _joined(scan: Scan, found: list[Mention], joints: set[str]) -> list[Mention]:
    """The members of lists and of ways; most mentions stand apart, and `joints` tell it."""
    if not _JOINTS.isdisjoint(joints):
        found = _listed(scan, found)
    if not _WAYS.isdisjoint(joints):
        found = _onward(scan, found)
    if any(map(_GROUP, found)):
        found = _shared(found)
    return found if _STRETCHES.isdisjoint(joints) else _between(scan, found)


def _homes(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«жительницу Лазаревского района Сочи»: the city that follows its district is a home as the district is."""
    found = list(mentions)
    for n, (one, after) in enumerate(pairwise(mentions)):
        adjacent = one.role == _HOME and one.inner and not scan.text[one.end : after.start].strip(" г.")
        if adjacent and after.role == _EVENT and _contains(scan, after, one):
            found[n + 1] = replace(after, role=_HOME)
    return found


def _inside_others(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«в станице Казанской Верхнедонского района Ростовской области»: a place that another region follows is there."""
    found = list(mentions)
    for n in range(len(found) - 2, -1, -1):
        one, after = found[n], found[n + 1]
        gap = scan.text[one.end : after.start].strip()
        region = after.kind == _OUTSIDE and after.rule not in {"outside_people", "people"}
        if region and gap == "в" and _uninhabited(scan, one):
            found[n] = replace(one, kind=_OUTSIDE, ids=(), rule="inside_other_region")
        if region and one.kind in _AREAS and (gap in {"", "("} or (gap == "," and after.rule in _REGIONS)):
            found[n] = replace(one, kind=_OUTSIDE, ids=(), rule="inside_other_region")
    return found


def _uninhabited(scan: Scan, mention: Mention) -> bool:
    """«на Лаго-Наки в Адыгее»: mountains lie on both sides of the border."""
    place = scan.atlas.settlements.get(mention.ids[0]) if mention.ids else None
    return place is not None and place.type == "место"


_REGIONS = frozenset({"other_region", "republic", "outside_district", "inside_other_region"})


def _placed(scan: Scan, mention: Mention) -> Mention:
    frame = scan.frame
    if frame is not None and (frame.dateline or frame.tails) and (role := _aside(frame, mention)):
        return replace(mention, role=role)
    if mention.kind == _STREET:
        return _toward(scan, mention)
    if mention.kind not in _PLACES or mention.rule in _PEOPLE or mention.role in _SETTLED:
        return mention
    first = bisect_left(scan.starts, mention.start)
    before = scan.head(first)
    hints = LAST[before[-1]] if before else 0
    if scan.mask & METRES or hints & NEARS:
        mention = related(scan, mention, before)
    role = role_of(scan, mention, first, before, hints)
    if role == _EVENT and frame is not None and frame.recalls and frame.in_recall(mention.start):
        role = Role.RECALL
    return mention if role == _EVENT else replace(mention, role=role)


def _aside(frame: Frame, mention: Mention) -> Role | None:
    """The role of what stands in the dateline or in a tail."""
    if frame.dateline and mention.end <= frame.dateline[1]:
        return Role.DATELINE
    return Role.TAIL if frame.in_tail(mention.start) else None


def _toward(scan: Scan, mention: Mention) -> Mention:
    """A street with its role."""
    first = token_at(scan, mention.start)
    before = scan.before(first, 4)
    role = direction(Look(scan, mention, first, before)) if before and LAST[before[-1]] & (LEADS | LED) else None
    return replace(mention, role=role) if role else mention


def _onward(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«из Пшады в Анапу», «от Новой до Воронежской»: where a way ends is a direction as its start is."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is not None and mention.role in _ON_WAY:
            joint = _joint(scan, last, mention)
            from_there = last.role in _FROM_THERE
            if from_there and joint in _ONWARD:
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
            elif joint in _TO and _sets_out(scan, last):
                found[-1] = replace(last, role=Role.DIRECTION)
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
            elif last.role == Role.DIRECTION and joint in _ALSO and _across(last, mention):
                mention = replace(mention, role=Role.DIRECTION)  # noqa: PLW2901
        found.append(mention)
    return found


def _sets_out(scan: Scan, mention: Mention) -> bool:
    """«от Новой на Садовую», and not «недалеко от села в районе»."""
    return mention.relation is Relation.WITHIN and scan.before(token_at(scan, mention.start), 1) == ["от"]


def _across(a: Mention, b: Mention) -> bool:
    """«силы из Майкопа, Адыгеи и Армавира»: a list of both sides of the border, or its members."""
    return _OUTSIDE in (a.kind, b.kind) or (a.group != 0 and a.group == b.group)


def _listed(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«Новороссийск и Геленджик», «в Анапе, Сочи»: places side by side become one group."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is not None and last.kind == PlaceKind.KRAI and len(found) > 1 and _goes_on(scan, found, mention):
            group = found[-2].group or scan.new_group()
            found[-2] = replace(found[-2], group=group)
            mention = replace(mention, group=group)  # noqa: PLW2901
        elif last is not None and last.kind == _STREET and (owner := _listed_before(scan, found, mention)) is not None:
            group = found[owner].group or scan.new_group()
            found[owner] = replace(found[owner], group=group)
            mention = replace(mention, group=group)  # noqa: PLW2901
        elif last is not None and _side_by_side(scan, last, mention):
            group = last.group or mention.group or scan.new_group()
            found[-1] = replace(last, group=group)
            old = mention.group
            mention = replace(mention, group=group)  # noqa: PLW2901
            if old and old != group:
                found = [replace(m, group=group) if m.group == old else m for m in found]
        found.append(mention)
    return found


def _goes_on(scan: Scan, found: list[Mention], mention: Mention) -> bool:
    """«в Туапсинском районе края и Сочи»: a list whose first member the krai follows."""
    first, krai = found[-2:]
    beside = first.kind in _AREAS and not _joint(scan, first, krai) and mention.kind in _AREAS and not mention.group
    return beside and _joint(scan, krai, mention) in _ALSO_IN


def _listed_before(scan: Scan, found: list[Mention], mention: Mention) -> int | None:
    """«ст. Северская, ул. Мира, 5; пос. Ильский»: the number of the place whose streets stand before the next place."""
    n = len(found) - 1
    after = mention
    while n >= 0 and found[n].kind == _STREET:
        if _joint(scan, found[n], after) not in _COMMAS:
            return None
        after = found[n]
        n -= 1
    one = found[n]
    if n < 0 or one.kind != PlaceKind.SETTLEMENT or mention.kind != PlaceKind.SETTLEMENT or not mention.type_word:
        return None
    if _joint(scan, one, after) not in _COMMAS or _contains(scan, one, mention) or _contains(scan, mention, one):
        return None
    return n


_COMMAS = frozenset({",", ";", ":"})
_ALSO_IN = frozenset({"и", "и в", "и во", "а также", ", а также", ", а также в"})
_AREAS = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OTHER})
_JOINTS = frozenset({",", ";", "и", "и в", ", в", ", а также", ", а также в", "а также в", "а также", "и во"})


def _side_by_side(scan: Scan, a: Mention, b: Mention) -> bool:
    if a.kind not in _AREAS or b.kind not in _AREAS or Role.WEAK in (a.role, b.role):
        return False
    joint = _joint(scan, a, b)
    if joint not in _JOINTS:
        return False
    if joint == "," and a.kind == PlaceKind.SETTLEMENT and b.kind == PlaceKind.DISTRICT and not b.group:
        return False
    if joint.startswith(("и", "а также")):
        return True
    if joint == ", в" and a.relation is Relation.NEAR and b.relation is Relation.WITHIN:
        return False  # «под Краснодаром, в станице Динской»: the second tells where near the first
    return not _contains(scan, a, b) and not _contains(scan, b, a)


def _contains(scan: Scan, outer: Mention, inner: Mention) -> bool:
    """«с. Молдавановка, Туапсинский район», «Адлер, Сочи»: the second tells where the first is."""
    if inner.kind not in _HELD or not inner.ids or not outer.ids:
        return False
    places = [scan.atlas.settlements.get(i) for i in inner.ids]
    if outer.kind == PlaceKind.DISTRICT and not outer.inner:
        return any(place is not None and place.municipality == outer.ids[0] for place in places)
    around = scan.atlas.settlements.get(outer.ids[0])
    if around is not None and around.type == "район" and any(place and _lies_in(place, around) for place in places):
        return True
    return any(
        place is not None and outer.ids[0] in {place.parent, _centre(scan, place.municipality)} for place in places
    )


def _lies_in(place: Settlement, around: Settlement) -> bool:
    """«Лазаревский р-н, посёлок Горный Воздух»: a village of a city's district."""
    if place.type == "район" or place.municipality != around.municipality:
        return False
    return distance_m((place.lat, place.lon), (around.lat, around.lon)) < around.radius_m


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
            if mention.role != head.role or mention.relation != head.relation:
                mention = replace(mention, role=head.role, relation=head.relation)  # noqa: PLW2901
        found.append(mention)
    return found


def _between(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«между X и Y», «от X до Y»: the two become one group with that relation."""
    found = list(mentions)
    places = [n for n, m in enumerate(found) if m.kind in _ENDS]
    areas = [n for n, m in enumerate(found) if m.kind == PlaceKind.DISTRICT]
    for a, b in (*pairwise(places), *pairwise(areas)):
        one, two = found[a], found[b]
        joint = _joint(scan, one, two)
        if _is_stretch(scan, one, joint) or _is_border(scan, one, two, joint):
            group = scan.new_group()
            found[a] = replace(one, relation=Relation.BETWEEN, group=group, role=_story(one))
            found[b] = replace(two, relation=Relation.BETWEEN, group=group, role=_story(one))
    return found


def _is_stretch(scan: Scan, one: Mention, joint: str) -> bool:
    """Whether the words before a mention and the joint after it make it an end of a stretch."""
    if joint not in _STRETCHES:
        return False
    head = scan.before(token_at(scan, one.start), 3)
    if joint == "до":
        return head[-1:] == ["от"]
    return (joint in _AND and "между" in head) or (joint in _DASHES and on_stretch(scan, one.start))


def _is_border(scan: Scan, one: Mention, two: Mention, joint: str) -> bool:
    """«на границе Усть-Лабинского и Динского районов», «на границе районов Усть-Лабинского и Динского»."""
    if joint not in _AND or two.kind != PlaceKind.DISTRICT:
        return False
    return any(word.startswith("границ") for word in scan.before(token_at(scan, one.start), 2))


_STRETCHES = frozenset({*_AND, *_DASHES, "до"})


def _crossings(scan: Scan, mentions: list[Mention]) -> list[Mention]:
    """«на пересечении трасс М-4 и А-160»: the two roads become one group with the relation BETWEEN."""
    roads = [n for n, m in enumerate(mentions) if m.kind == PlaceKind.ROAD and m.role == _EVENT]
    found = list(mentions)
    for a, b in pairwise(roads):
        head = scan.folded[max(0, found[a].start - 60) : found[a].start]
        if found[b].start - found[a].end < 60 and any(word in head for word in _CROSSING):
            group = scan.new_group()
            found[a] = replace(found[a], relation=Relation.BETWEEN, group=group)
            found[b] = replace(found[b], relation=Relation.BETWEEN, group=group)
    return found


_CROSSING = ("перекрест", "пересечени", "развилк", "развязк", "примыкани", "стык")


def _story(mention: Mention) -> Role:
    return mention.role if mention.role in _ASIDE else _EVENT
