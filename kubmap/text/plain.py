"""Settlements without a type word, where the size of the place or its surroundings say that it is one."""

from __future__ import annotations

from functools import lru_cache
from itertools import compress

from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import FOLDED, fold
from kubmap.domain import PlaceKind
from kubmap.text.bearers import Bearers, bearers_of
from kubmap.text.marks import NAMED, RAIL
from kubmap.text.named import ADJECTIVAL, goes_on, is_first_name, mention_of, outside_words, people_role
from kubmap.text.places import Mention
from kubmap.text.placewords import place_words
from kubmap.text.quotes import company, is_company
from kubmap.text.railway import on_stretch, station, stations
from kubmap.text.scan import Name, Scan
from kubmap.text.slips import misspelt

KNOWN_PLAINLY = 5000
"""People: a larger place is known by its name alone."""


def plain(scan: Scan, i: int) -> list[Mention] | None:
    """A name without a type word, where its size or its surroundings say that it is a place."""
    if not scan.is_title(i):
        return None
    nickname = (scan.mask & RAIL and station(scan, i)) or _nickname(scan, i)
    name = nickname or scan.name(i)
    if name is None:
        firm = company(scan, i, i + 1)
        return [firm] if firm else None
    return _named(scan, i, name, sure=nickname is not None)


def begins(word: str) -> bool:
    """Whether a nickname, the name of a station or that of a company may begin with this folded word."""
    return word in _nicknames_begin() or is_company(word) or stem(word) in _stations_begin()


def slip(scan: Scan, i: int) -> list[Mention] | None:
    """«между Павловской и Новоулешковской»: the second of two places, misspelt."""
    if scan.fold[i - 1] != "и" or not scan.is_title(i) or not scan.found or "между" not in scan.before(i, 5):
        return None
    if scan.found[-1].kind != PlaceKind.SETTLEMENT or scan.name(i) is not None:
        return None
    word, end = scan.hyphenated(i)
    found = misspelt(scan.atlas, word)
    return _named(scan, i, Name(found, end), sure=False) if len(found) == 1 else None


def _named(scan: Scan, i: int, name: Name, *, sure: bool) -> list[Mention] | None:
    known = bearers_of(scan.atlas)[name.ids]
    if not known.krai:
        return _outside_name(scan, i, name)
    if not sure and not _accepted(scan, i, name, known):
        return None
    return [mention_of(scan, i, name.end, known.krai, "plain")]


@lru_cache(maxsize=1)
def _stations_begin() -> frozenset[str]:
    return frozenset(name.split("-")[0] for name in stations())


@lru_cache(maxsize=1)
def _nicknames_begin() -> frozenset[str]:
    return frozenset(words[0] for words in place_words().nicknames)


def _nickname(scan: Scan, i: int) -> Name | None:
    if scan.folds[i] not in _nicknames_begin():
        return None
    for size in (2, 1):
        words = scan.words_from(i, size)
        known = scan.w.nicknames.get(words)
        if known is None or len(words) < size or (size == 1 and scan.fold[i + 1] == "-"):
            continue
        hit = scan.atlas.names.named(known)
        if hit:
            return Name((hit[0].id,), scan.after_words(i, size))
    return None


def _accepted(scan: Scan, i: int, name: Name, known: Bearers) -> bool:
    people, alone = known.people, name.end - i == 1
    if people < KNOWN_PLAINLY and known.types <= _QUARTERS and not scan.lax:
        return _is_quarter(scan, i, name, known)
    if scan.fold[name.end - 1].endswith(_DECLINED) and (
        _is_attribute(scan, i, name) or _is_street(scan, i, name) or goes_on(scan, i, name)
    ):
        return False
    if not alone and known.types == _WILD:
        return True
    if people < _LARGE and (known.ordinary or _written(scan, i, name) in scan.w.ordinary):
        return scan.lax
    if people >= KNOWN_PLAINLY or (not alone and people >= 300):
        return not _is_person(scan, i, people)
    return _has_context(scan, i, name) and not _is_person(scan, i, people)


_QUARTERS, _WILD = frozenset({"район", "микрорайон"}), frozenset({"место"})
_STREETS = ("ой", "ую", "ей", "ая")
_DECLINED = ADJECTIVAL + _STREETS
_LARGE = 40_000
"""People: so large a place is meant though its name is an ordinary word."""


def _written(scan: Scan, i: int, name: Name) -> str:
    """The folded words of a name."""
    return " ".join(compress(scan.folds[i : name.end], map(NAMED.__and__, scan.signs[i : name.end])))


def _is_street(scan: Scan, i: int, name: Name) -> bool:
    """«на Ставропольской», «улиц: Пластуновская, Северная»: people go on a street and to a stanitsa."""
    word, before = scan.fold[i], scan.fold[i - 1]
    if name.end - i > 1 or not word.endswith(_STREETS):
        return False
    if before in {"на", "по"}:
        return not word.endswith("ая") and not scan.fold[i - 2].startswith(_WAYS)
    if before in {",", ":", "—", "и", "("} and "улиц" in fold(scan.text[: scan.starts[i]]):
        return True
    return before in {",", ";"} and _after_a_stranger(scan, i - 2)


_WAYS = ("поворот", "развилк", "въезд", "выезд", "съезд", "дорог", "трасс")


def _after_a_stranger(scan: Scan, k: int) -> bool:
    """Whether token `k` is a capitalised word of the list that names no place («Офицерская; Пластуновская»)."""
    last = scan.found[-1].end if scan.found else -1
    return scan.is_word(k) and scan.is_title(k) and last < scan.ends[k] and scan.name(k) is None


def _quarter_context(scan: Scan, i: int) -> bool:
    return scan.fold[i - 1] in {"в", "на", "во", "перегоне", "перегона", "участке"}


def _is_quarter(scan: Scan, i: int, name: Name, known: Bearers) -> bool:
    """Whether a quarter's name stands where a place does."""
    if _quarter_context(scan, i) or _ends_stretch(scan, i) or (name.end - i > 1 and _has_context(scan, i, name)):
        return True
    if not _beside(scan, i) or scan.fold[i] in scan.w.ordinary:
        return False
    return not any(FOLDED[scan.atlas.settlements[k].name] in scan.w.ordinary for k in known.krai)


def _ends_stretch(scan: Scan, i: int) -> bool:
    """«на участке Головинка — Лоо»: the second of two places with a dash between them."""
    if scan.fold[i - 1] not in _DASHES or not scan.found:
        return False
    return i > 1 and scan.found[-1].end == scan.ends[i - 2] and on_stretch(scan, scan.found[-1].start)


_DASHES = frozenset({"—", "–", "-"})


def _beside(scan: Scan, i: int) -> bool:
    """«у Лоо», «в районе Мамайки»: beside a quarter that is known by its name."""
    return scan.w.near.end(scan.before(i, 3))


def _is_attribute(scan: Scan, i: int, name: Name) -> bool:
    """An adjectival name before a noun that it agrees with («Северской больнице») names no place here."""
    after, word = name.end, scan.fold[name.end - 1]
    if not word.endswith(ADJECTIVAL) or not scan.is_word(after) or scan.is_capital(after):
        return False
    noun = scan.fold[after]
    if (
        noun[-2:] == word[-2:]
        and noun.endswith(ADJECTIVAL)
        and scan.is_word(after + 1)
        and not scan.is_capital(after + 1)
    ):
        noun = scan.fold[after + 1]  # «на Троицком групповом водоводе»
    if len(noun) <= 3 or _is_settlements(scan, noun) or scan.fold[i - 1] in {"под", "возле", "около", "близ", "у"}:
        return False
    if noun not in scan.w.types and noun.endswith(tuple(scan.w.words("verbs", "endings"))):
        return False
    if scan.fold[i - 1] in {"в", "во"} and noun.endswith(tuple(scan.w.sections["plurals"]["endings"])):
        return False  # «В Отрадной подростки избили …»
    return any(word.endswith(ending) and noun.endswith(tuple(ends)) for ending, ends in _agreement(scan).items())


def _is_settlements(scan: Scan, noun: str) -> bool:
    """A type word of settlements or districts; «перевал», «озеро», «река» of a place's name is another place."""
    return scan.w.types.get(noun, "место") not in {"место", "река", "пляж"}


def _agreement(scan: Scan) -> dict[str, list[str]]:
    """Ending of an adjective -> endings of the nouns that it may stand before."""
    return scan.w.sections["agreement"]  # type: ignore[no-any-return]


def _is_person(scan: Scan, i: int, people: int) -> bool:
    """After a capitalised word («Анна Динская», «губернатор Павлов»): a surname, unless the place is a town."""
    before = scan.fold[i - 1]
    if people >= 20_000 or not scan.is_word(i - 1) or before in scan.w.words("persons", "none"):
        return False
    return (
        scan.is_capital(i - 1) and not scan.written(i - 1).isupper() and before not in scan.w.types and len(before) > 2
    )


_BEFORE_PLACES = frozenset(
    ["в", "во", "из", "с", "со", "до", "на", "между", "через", "от", "к", "мимо", "перегоне", "перегона", "участке"]
)  # fmt: skip


_STRUCK = frozenset(
    ["район", "оставил", "оставила", "оставило", "оставили", "накрыл", "накрыла", "накрыло", "затопил", "затопила",
     "затопило", "подтопило", "обесточил", "обесточила", "обесточило", "обесточили", "отрезал", "отрезала", "отрезало"]
)  # fmt: skip
"""Words whose object is a place: «река оставила Адербиевку без газа»."""


def _has_context(scan: Scan, i: int, name: Name) -> bool:
    """A place preposition before the name, a place of a list before it, or a district after it."""
    before = scan.before(i, 3)
    if scan.w.near.end(before):
        return True
    if before and (before[-1] in _BEFORE_PLACES or before[-1] in _STRUCK or _described(scan, i, name, before)):
        return True
    previous = scan.found[-1] if scan.found else None
    if previous is not None and previous.kind == PlaceKind.SETTLEMENT:
        between = scan.text[previous.end : scan.starts[i]].strip()
        if between in {",", "и", "—", "–", "-", ", а также"}:
            return True
    return scan.fold[name.end] in {"(", ","} and scan.is_title(name.end + 1)


def _described(scan: Scan, i: int, name: Name, before: list[str]) -> bool:
    """«из подтопленной Нижнебаканской»: an adjective that agrees between the preposition and a village's name."""
    if len(before) < 2 or before[-2] not in _BEFORE_PLACES or not before[-1].endswith(ADJECTIVAL):
        return False
    alike = before[-1][-2:] == scan.fold[name.end - 1][-2:]
    return alike and len(before[-1]) > _SHORT and not scan.is_capital(i - 1)


_SHORT = 5
"""Letters of words too short to be an adjective: «той», «своей»."""


def _outside_name(scan: Scan, i: int, name: Name) -> list[Mention] | None:
    """A name that only neighbouring regions have; a listed one («Крым») is no village of that name."""
    if outside_words(scan, i):
        return None
    places = [scan.atlas.outside[k] for k in name.ids if k in scan.atlas.outside]
    people = max((place.population or 0 for place in places), default=0)
    if _is_attribute(scan, i, name) or _is_person(scan, i, people) or is_first_name(scan, i, (scan.fold[i],)):
        return None
    if people < 20_000 and scan.fold[i - 1] not in _AT:
        return None
    if places[0].name.lower() in scan.w.ordinary:
        return None
    return [scan.mention(i, name.end, PlaceKind.OUTSIDE, places[0].name, "outside_gazetteer", ids=name.ids)]


_AT = frozenset(
    ("в", "под", "из", "возле", "близ", "около", "у", "районе", "горах", "гор", "ущелье", "окрестностях", "курорте")
)
"""Words after which a name of a small place outside is one."""


def outside(scan: Scan, i: int) -> list[Mention] | None:
    """A town, region or country of the list of places outside, or people of one."""
    if scan.fold[i] in scan.w.people_outside:
        role = people_role(scan.fold[i])
        return [scan.mention(i, i + 1, PlaceKind.OUTSIDE, scan.written(i), "outside_people", role=role)]
    if not scan.is_title(i) or not (size := outside_words(scan, i)):
        return None
    end = scan.after_words(i, size)
    start, stop = scan.offsets(i, end)
    return [scan.mention(i, end, PlaceKind.OUTSIDE, scan.text[start:stop], "outside")]
