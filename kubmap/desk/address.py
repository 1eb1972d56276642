"""An address as utilities write it: settlements of the atlas, each with the streets and houses told for it, as text.

«ст. Тбилисская, ул. Красная, 1–20; х. Северин: ул. Мира» is two settlements with a street each. A name that several
settlements bear needs a district; one that the krai does not have is told with the names nearest to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.atlas.model import KRAI, Municipality, Settlement
from kubmap.atlas.words import fold, words
from kubmap.errors import InputError
from kubmap.text.data import load

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

MOST = 60
"""Settlements of one notice; a longer list is a slip, or a whole district told by its villages."""

_PARTS = re.compile(r"[;,:\n\r]+(?![^()]*\))|\s+и\s+(?=(?:[а-яё]{1,3}\.|[а-яё]{4,}\s+[А-ЯЁ]))")
_KRAI = re.compile(r"(?:рф|россия|российская федерация|краснодарск[а-я]+ кра[а-я]+|кк|\d{6})\W*")
_STREET = re.compile(
    r"(?<![а-я])(?:ул|улиц[а-я]+|пер|переул[а-я]+|просп|пр-т|пр-кт|проспект[а-я]*|бул|бульвар[а-я]*|б-р|ш|шоссе|пр|проезд[а-я]*|"
    r"пл|площад[а-я]+|наб|набережн[а-я]+|туп|тупик[а-я]*|аллея|линия|кв-л|д|дом|дома|тп|ктп|снт|днт|ст-во|гск)(?=[\s.№]|$)"
)
_LOOSE = {"микрорайон", "место", "станция", "пляж", "река"}
"""Types of places that the atlas need not hold: inside a settlement they are told as its streets are."""
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_DISTRICT = re.compile(
    r"(?<![а-я-])(?:муниципальн[а-я]+ (?:округ|район)[а-я]*|городск[а-я]+ округ[а-я]*|район[а-я]*|р-н[а-я]*|мо|го)"
    r"(?![а-я-])"
)


@dataclass(frozen=True, slots=True)
class Group:
    """A settlement (None: the address names none) and what is told of its streets, in order."""

    place: Settlement | None
    streets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    groups: tuple[Group, ...] = ()
    district: Municipality | None = None

    @property
    def last(self) -> Group:
        return self.groups[-1] if self.groups else Group(None)


def read_address(
    text: str, atlas: Atlas, *, district: str | None = None, bare: bool = False, before: tuple[Group, ...] = ()
) -> tuple[Group, ...]:
    """The groups of an address. `bare`: names without a word of their type are settlements (a column of them).

    `before` are groups that the address goes on with. Raises InputError: a settlement or district that is not in the
    krai, or a name that several bear.
    """
    state = _State(before, district_named(district, atlas) if district else None)
    for part in _parts(text):
        state = _taken(state, part, atlas, bare=bare)
    if len(state.groups) > MOST:
        raise InputError(f"населённых пунктов больше {MOST}: разделите строку")
    return state.groups


def district_named(name: str, atlas: Atlas) -> Municipality:
    """«Крымский», «Крымский район», «МО Крымский район», «г. Анапа». Raises InputError."""
    plain = re.sub(r"^\W*(?:мо|мо\.|г\.|город|го|город-курорт)\s+", "", fold(name).strip(" .,"))
    bare = _DISTRICT.sub(" ", plain).strip(" .,")
    found = atlas.municipality_named(name) or atlas.municipality_named(plain) or atlas.municipality_named(bare)
    if found is None:
        raise InputError(f"района или округа «{_short(name)}» в крае нет")
    return found


def settlement_named(
    name: str, atlas: Atlas, *, district: Municipality | None = None, near: Sequence[Settlement] = ()
) -> Settlement:
    """The settlement of a name, with or without a word of its type; `near` are places told before it.

    Raises InputError that says what to write instead.
    """
    kind, bare = _split_type(name)
    everywhere = [place for place in atlas.names.named(bare) if place.region == KRAI]
    everywhere = everywhere or _inflected(bare, atlas)
    fit = [place for place in everywhere if kind is None or place.type in _compatible(kind)] or everywhere
    inside = [place for place in fit if district is None or place.municipality == district.id]
    if not everywhere:
        raise InputError(f"населённого пункта «{_short(name)}» в крае нет{_meant(bare, atlas)}")
    if not inside:
        assert district is not None, "only a district leaves none"
        raise InputError(f"в районе «{district.name}» нет населённого пункта «{_short(name)}»{_owners(fit, atlas)}")
    chosen = _chosen(inside, kind, near)
    if chosen is None:
        raise InputError(f"мест «{_short(name)}» несколько{_owners(inside, atlas)}; {_remedy(inside)}")
    return chosen


def _remedy(found: Sequence[Settlement]) -> str:
    if len({place.municipality for place in found}) > 1:
        return "укажите район"
    return "район их не различает: внесите это объявление на странице «Редакция» и поставьте точку"


def _parts(text: str) -> Iterator[str]:
    """Pieces between commas; a bracket after a settlement is a piece of its own."""
    for part in _PARTS.split(text):
        piece = part.strip(" \t.–—-•*")
        inner = _BRACKETS.search(piece)
        if inner and _STREET.search(fold(inner[1])) and piece[: inner.start()].strip():
            yield piece[: inner.start()].strip()
            yield from _parts(inner[1])
        elif piece:
            yield part.strip(" \t–—-•*")


def _taken(state: _State, part: str, atlas: Atlas, *, bare: bool) -> _State:
    folded = fold(part).strip()
    if _KRAI.fullmatch(folded):
        return state
    if (district := _as_district(part, folded, atlas)) is not None:
        return replace(state, district=district)
    return _with_street(state, part) if _is_street(folded) else _with_name(state, part, folded, atlas, bare=bare)


def _with_name(state: _State, part: str, folded: str, atlas: Atlas, *, bare: bool) -> _State:
    """A part that may name a settlement."""
    street = _STREET.search(folded)
    if street is not None:  # «ст. Динская ул. Красная, 5»
        state = _taken(state, part[: street.start()], atlas, bare=bare)
        return _with_street(state, part[street.start() :])
    kind, name = _split_type(part)
    if kind is None and not (bare and not state.last.streets):
        return _with_street(state, part)
    near = [group.place for group in state.groups if group.place is not None]
    try:
        place = settlement_named(part, atlas, district=state.district, near=near)
    except InputError:
        if state.last.place is not None and (kind in _LOOSE or not name):
            return _with_street(state, part)
        raise
    return _with_place(state, place)


def _with_place(state: _State, place: Settlement) -> _State:
    """A part of the city told just before stands for it; a settlement told again goes on with its streets."""
    groups = state.groups
    last = state.last
    if last.place is not None and place.parent == last.place.id and not last.streets:
        groups = groups[:-1]
    if last.place is not None and last.place.id == place.id:
        return state
    return replace(state, groups=(*groups, Group(place)))


def _with_street(state: _State, part: str) -> _State:
    """Houses go on with the street before them; anything else is a street of its own."""
    last = state.last
    if last.streets and re.match(r"(?:д\.?\s*|дом[а]?\s+|№\s*)?\d", fold(part)):
        streets = (*last.streets[:-1], f"{last.streets[-1]}, {part}")
    else:
        streets = (*last.streets, part)
    return replace(state, groups=(*state.groups[:-1], replace(last, streets=streets)))


def _is_street(folded: str) -> bool:
    return bool(_STREET.match(folded) or re.match(r"[\d№]", folded) or (_STREET.search(folded) and not _typed(folded)))


def _typed(folded: str) -> bool:
    return bool(words(folded)) and _split_type(folded)[0] is not None


def _as_district(part: str, folded: str, atlas: Atlas) -> Municipality | None:
    """A part that says that it is a district; cities that are okrugs are read as settlements."""
    if not _DISTRICT.search(folded) or _STREET.match(folded):
        return None
    stem = _DISTRICT.sub(" ", folded).strip(" .,")
    return atlas.municipality_named(part) or atlas.municipality_named(stem)


def _split_type(name: str) -> tuple[str | None, str]:
    """(type, name): «ст-ца Тбилисская», «Тбилисская ст.», «г.Краснодар»; None where no word of a type stands."""
    plain = re.sub(r"\s+", " ", name.replace("«", " ").replace("»", " ").replace('"', " ")).strip(" .,")
    types = _types()
    first = re.match(r"([^\W\d]+(?:-[^\W\d]+)?)(\.\s*|\s+)(?=\S)", plain)
    if first and (kind := types.get(fold(first[1]))) and not plain[first.end() :][:1].isdigit():
        return kind, plain[first.end() :]
    last = re.search(r"\s([^\W\d]+(?:-[^\W\d]+)?)$", plain)
    if last and (kind := types.get(fold(last[1]))):
        return kind, plain[: last.start()]
    return None, plain


def _inflected(name: str, atlas: Atlas) -> list[Settlement]:
    """«станице Тбилисской», «Крымске»."""
    said = words(name)
    if not said:
        return []
    whole = [
        match for match in atlas.names.match(said, 0) if match.length == len(said) and match.kind in {"nom", "obl"}
    ]
    return [place for match in whole[:1] for i in match.ids if (place := atlas.settlements.get(i)) is not None]


def _chosen(found: Sequence[Settlement], kind: str | None, near: Sequence[Settlement]) -> Settlement | None:
    """The only one, or the only one of exactly this type, or the only one beside what was told before."""
    parents = {place.id for place in near}
    homes = {place.municipality for place in near}
    if len(found) == 1:
        return found[0]
    tests = (
        lambda place: place.parent in parents,
        lambda place: place.municipality in homes,
        lambda place: kind is not None and place.type == kind,
        lambda place: kind is None and place.type == "город",
    )
    for test in tests:
        fit = [place for place in found if test(place)]
        if len(fit) == 1:
            return fit[0]
    return None


def _meant(name: str, atlas: Atlas) -> str:
    alike = [place.name for place in atlas.names.search(name, limit=3)] if len(name) > 2 else []
    return f"; похожи: {', '.join(dict.fromkeys(alike))}" if alike else "; проверьте название"


def _owners(places: Iterable[Settlement], atlas: Atlas) -> str:
    """«: Абинский район, Ейский район и ещё 4»."""
    names = sorted({home.name for place in places if (home := atlas.municipality_of(place)) is not None})
    more = f" и ещё {len(names) - 4}" if len(names) > 4 else ""
    return f": {', '.join(names[:4])}{more}" if names else ""


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    return {word: name for name, forms in load("where")["types"].items() for word in forms}


def _compatible(kind: str) -> Sequence[str]:
    found: Sequence[str] = load("where")["compatible"].get(kind, [kind])
    return found


def _short(name: str) -> str:
    plain = " ".join(name.split())
    return plain if len(plain) <= 60 else f"{plain[:57]}…"
