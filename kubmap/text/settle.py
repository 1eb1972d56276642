"""Settlements: with a type word («ст-це Крепостной», «посёлков Верхнебаканский и Гайдук») and without one."""

from __future__ import annotations

from dataclasses import replace

from kubmap.atlas.model import Settlement
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.districts import district
from kubmap.text.places import Mention, Role
from kubmap.text.scan import Name, Scan

KNOWN_PLAINLY = 5000
"""People: a larger place is known by its name alone."""
ADJECTIVAL = ("ая", "ой", "ую", "ий", "ый", "ого", "его", "ому", "ом", "ем", "ым", "им", "ое", "ее")


def typed(scan: Scan, i: int) -> list[Mention] | None:
    """A type word and the name (or the list of names) after it."""
    word, k = scan.hyphenated(i)
    kind = scan.w.types.get(word)
    if kind is None or not (k := _after_type(scan, i, k, word)):
        return None
    plural = word in scan.w.plural
    inner, inner_end = scan.hyphenated(k)
    if inner in scan.w.types and inner_end < len(scan.tokens) and not scan.is_title(k):
        kind, k = scan.w.types[inner], inner_end + (scan.fold(inner_end) == ".")
    first = _one(scan, i, k, kind)
    if first is None:
        return None
    found, end = [first[0]], first[1]
    while plural and (nxt := _list_next(scan, end)) is not None and district(scan, nxt) is None:
        item = _one(scan, nxt, nxt, kind)
        if item is None:
            break
        found.append(item[0])
        end = item[1]
    return _grouped(scan, found)


def _after_type(scan: Scan, i: int, k: int, word: str) -> int:
    """The token where the name begins, 0 when the word is no type word here."""
    if len(word) == 1 and i and (scan.tokens[i - 1].kind == "number" or scan.fold(i - 1) == "/"):
        return 0
    if scan.fold(k) == ".":
        return k + 1
    short = word in scan.w.dotted
    if short and word not in scan.w.words("dotted", "free"):
        return 0
    return k if k < len(scan.tokens) and (scan.is_title(k) or not short) else 0


def _one(scan: Scan, first: int, k: int, kind: str) -> tuple[Mention, int] | None:
    """The mention of one name of a type; a name that the atlas does not know is OTHER."""
    quoted = scan.fold(k) in '«"' and k < len(scan.tokens)
    k += quoted
    if not (scan.is_title(k) or (k < len(scan.tokens) and scan.tokens[k].kind == "number")):
        return None
    name = scan.name(k)
    if name is not None and kind == "микрорайон" and _place(scan, name.ids[0]).type == "город":
        return None
    if name is None or _goes_on(scan, k, name):
        return _unknown(scan, first, k, kind, quoted=quoted)
    end = name.end + (quoted and scan.fold(name.end) in '»"')
    ids = compatible(scan, name.ids, kind)
    if not ids:
        return _unknown(scan, first, k, kind, quoted=quoted)
    return _mention(scan, first, end, ids, "typed", type_word=kind), end


def _goes_on(scan: Scan, k: int, name: Name) -> bool:
    """«Лазурный Берег» is not «Лазурный»: an adjective before a capitalised noun is half a name."""
    if name.end - k > 1 or not scan.fold(k).endswith(ADJECTIVAL) or not scan.is_title(name.end):
        return False
    word, _ = scan.hyphenated(name.end)
    return scan.is_word(name.end) and scan.tokens[name.end].text[1:2].islower() and not word.endswith(ADJECTIVAL)


def _unknown(scan: Scan, first: int, k: int, kind: str, *, quoted: bool) -> tuple[Mention, int] | None:
    if scan.tokens[k].kind == "number" or kind == "станция":
        return None
    _, end = scan.hyphenated(k)
    while scan.is_word(end) and scan.is_title(end) and not _is_town(scan, end) and end - k < 3:
        _, end = scan.hyphenated(end)
    end += quoted and scan.fold(end) in '»"'
    start, stop = scan.offsets(k, end)
    outside = _outside_words(scan, k)
    place = PlaceKind.OUTSIDE if outside else PlaceKind.OTHER
    rule = "typed_outside" if outside else "quarter" if kind == "микрорайон" else "typed_unknown"
    inner = kind == "микрорайон"
    return scan.mention(first, end, place, scan.text[start:stop], rule, type_word=kind, inner=inner), end


def _is_town(scan: Scan, k: int) -> bool:
    """Whether a town's name begins at token `k`: «мкр. Звёздный Анапы» ends before it."""
    name = scan.name(k)
    return scan.fold(k) in scan.w.types or (name is not None and (_place(scan, name.ids[0]).population or 0) > 10_000)


def compatible(scan: Scan, ids: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The candidates whose type the word may mean; all of them for a loose word that fits none."""
    table = scan.w.compatible[kind]
    near = tuple(i for i in ids if _place(scan, i).type in table)
    if kind == "станица" and not near:
        near = tuple(i for i in ids if _place(scan, i).type in {"станция", "разъезд"})
    if near or kind in {"город", "микрорайон"}:
        return near
    if kind == "станция":
        return ids
    return tuple(i for i in ids if _place(scan, i).type not in {"район", "микрорайон", "город"})


def _place(scan: Scan, place_id: str) -> Settlement:
    return scan.atlas.settlements.get(place_id) or scan.atlas.outside[place_id]


def _list_next(scan: Scan, k: int) -> int | None:
    """The next item of a list: after «,», «и», «, а также»."""
    if scan.fold(k) not in {",", "и"}:
        return None
    k += 1
    while scan.fold(k) in {"и", "а", "также", "в", "во"}:
        k += 1
    return k if scan.is_title(k) or scan.fold(k) in {"«", '"'} else None


def _grouped(scan: Scan, found: list[Mention]) -> list[Mention]:
    if len(found) == 1:
        return found
    group = scan.new_group()
    return [replace(mention, group=group) for mention in found]


def plain(scan: Scan, i: int) -> list[Mention] | None:
    """A name without a type word, where its size or its surroundings say that it is a place."""
    if not scan.is_title(i):
        return None
    nickname = _nickname(scan, i)
    name = nickname or scan.name(i)
    if name is None:
        return None
    krai = tuple(k for k in name.ids if k in scan.atlas.settlements)
    if not krai:
        return _outside_name(scan, i, name)
    if nickname is None and not _accepted(scan, i, name, krai):
        return None
    return [_mention(scan, i, name.end, krai, "plain")]


def _nickname(scan: Scan, i: int) -> Name | None:
    for size in (2, 1):
        words = tuple(scan.words[scan.word_at[i] : scan.word_at[i] + size])
        known = scan.w.nicknames.get(words)
        if known is None or (size == 1 and scan.fold(i + 1) == "-"):
            continue
        hit = scan.atlas.names.named(known)
        if hit:
            return Name((hit[0].id,), scan.numbers[scan.word_at[i] + size - 1] + 1)
    return None


def _accepted(scan: Scan, i: int, name: Name, krai: tuple[str, ...]) -> bool:
    places = [scan.atlas.settlements[k] for k in krai]
    people = max((place.population or 0) for place in places)
    if all(place.type in {"район", "микрорайон"} for place in places) and people < KNOWN_PLAINLY and not scan.lax:
        return _quarter_context(scan, i)
    if _is_attribute(scan, i, name):
        return False
    written = " ".join(scan.words[scan.word_at[i] : scan.word_at[name.end - 1] + 1])
    if _is_ordinary(scan, written, places) and people < 40_000:
        return scan.lax
    if people >= KNOWN_PLAINLY or (name.end - i > 1 and people >= 300):
        return not _is_person(scan, i, people)
    return _has_context(scan, i, name) and not _is_person(scan, i, people)


def _is_ordinary(scan: Scan, written: str, places: list[Settlement]) -> bool:
    return written in scan.w.ordinary or all(fold(place.name) in scan.w.ordinary for place in places)


def _quarter_context(scan: Scan, i: int) -> bool:
    return scan.fold(i - 1) in {"в", "на", "во"}


def _is_attribute(scan: Scan, i: int, name: Name) -> bool:
    """An adjectival name before a noun that it agrees with («Северской больнице») names no place here."""
    after, word = name.end, scan.fold(name.end - 1)
    if not word.endswith(ADJECTIVAL) or not scan.is_word(after) or scan.tokens[after].is_title:
        return False
    noun = scan.fold(after)
    if len(noun) <= 3 or noun in scan.w.types or scan.fold(i - 1) in {"под", "возле", "около", "близ", "у"}:
        return False
    if noun.endswith(tuple(scan.w.words("verbs", "endings"))):
        return False
    return any(word.endswith(ending) and noun.endswith(tuple(ends)) for ending, ends in _agreement(scan).items())


def _agreement(scan: Scan) -> dict[str, list[str]]:
    """Ending of an adjective -> endings of the nouns that it may stand before."""
    return scan.w.sections["agreement"]  # type: ignore[no-any-return]


def _is_person(scan: Scan, i: int, people: int) -> bool:
    """After a capitalised word («Анна Динская», «губернатор Павлов»): a surname, unless the place is a town."""
    before = scan.tokens[i - 1] if i else None
    if before is None or before.kind != "word" or people >= 20_000:
        return False
    return before.is_title and not before.text.isupper() and before.fold not in scan.w.types and len(before.text) > 2


def _has_context(scan: Scan, i: int, name: Name) -> bool:
    """A place preposition before the name, a place of a list before it, or a district after it."""
    before = tuple(scan.before(i, 3))
    if any(before[-size:] in scan.w.near for size in (1, 2, 3)) and before:
        return True
    if before and before[-1] in {"в", "во", "из", "с", "со", "до", "на", "между", "через", "от", "к", "мимо"}:
        return True
    previous = scan.found[-1] if scan.found else None
    if previous is not None and previous.kind == PlaceKind.SETTLEMENT:
        between = scan.text[previous.end : scan.tokens[i].start].strip()
        if between in {",", "и", "—", "–", "-", ", а также"}:
            return True
    return scan.fold(name.end) in {"(", ","} and scan.is_title(name.end + 1)


def _outside_name(scan: Scan, i: int, name: Name) -> list[Mention] | None:
    """A name that only neighbouring regions have; a listed one («Крым») is no village of that name."""
    if _outside_words(scan, i):
        return None
    places = [scan.atlas.outside[k] for k in name.ids if k in scan.atlas.outside]
    people = max((place.population or 0 for place in places), default=0)
    if _is_attribute(scan, i, name) or _is_person(scan, i, people) or _is_first_name(scan, i, (scan.fold(i),)):
        return None
    if people < 20_000 and scan.fold(i - 1) not in {"в", "под", "из", "возле", "близ", "около", "у"}:
        return None
    if places[0].name.lower() in scan.w.ordinary:
        return None
    return [scan.mention(i, name.end, PlaceKind.OUTSIDE, places[0].name, "outside_gazetteer", ids=name.ids)]


def _outside_words(scan: Scan, i: int) -> int:
    """How many words of a listed place outside begin at token `i`."""
    at = scan.word_at[i]
    for size in (3, 2, 1):
        words = tuple(scan.words[at : at + size])
        if len(words) == size and words in scan.w.outside and not _is_first_name(scan, i, words):
            return size
    return 0


def _is_first_name(scan: Scan, i: int, words: tuple[str, ...]) -> bool:
    """«Владимир Путин» is no town."""
    return words[0] in scan.w.words("persons", "names") and scan.is_title(i + 1)


ONE_PERSON = (
    "ец",
    "ца",
    "цу",
    "цем",
    "нин",
    "нина",
    "нину",
    "нином",
    "ич",
    "ича",
    "ичу",
    "ичом",
    "нка",
    "нки",
    "нке",
    "нку",
    "чка",
    "чки",
)


def people_role(word: str) -> Role:
    """«москвич» tells where a person is from, «ростовчане» where it happened."""
    return Role.HOME if word.endswith(ONE_PERSON) else Role.RESIDENTS


def outside(scan: Scan, i: int) -> list[Mention] | None:
    """A town, region or country of the list of places outside, or people of one."""
    if scan.fold(i) in scan.w.people_outside:
        role = people_role(scan.fold(i))
        return [scan.mention(i, i + 1, PlaceKind.OUTSIDE, scan.tokens[i].text, "outside_people", role=role)]
    if not scan.is_title(i) or not (size := _outside_words(scan, i)):
        return None
    end = scan.numbers[scan.word_at[i] + size - 1] + 1
    start, stop = scan.offsets(i, end)
    return [scan.mention(i, end, PlaceKind.OUTSIDE, scan.text[start:stop], "outside")]


def _mention(scan: Scan, first: int, end: int, ids: tuple[str, ...], rule: str, **rest: object) -> Mention:
    best = max(ids, key=lambda k: (k in scan.atlas.settlements, _place(scan, k).population or 0))
    if all(k in scan.atlas.outside for k in ids):
        return scan.mention(first, end, PlaceKind.OUTSIDE, _place(scan, best).name, rule + "_outside", ids=ids, **rest)
    place = _place(scan, best)
    inner = place.parent is not None
    return scan.mention(first, end, PlaceKind.SETTLEMENT, place.name, rule, ids=ids, inner=inner, **rest)
