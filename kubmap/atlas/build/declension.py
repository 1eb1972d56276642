"""Case forms of Russian place names: rules by ending, with pymorphy3's dictionary for ordinary nouns.

`decline` gives the oblique forms of a whole name; the nominative is not among them unless a case equals it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pymorphy3
from pymorphy3.analyzer import Parse

from kubmap.atlas.build.tables import read_input
from kubmap.atlas.words import fold

CASES = ("gent", "datv", "accs", "ablt", "loct")
Forms = tuple[tuple[str, ...], ...]
"""For each of CASES the possible forms, folded."""

_ADJECTIVE = {
    "ый": ("ого", "ому", "ый", "ым", "ом"),
    "ой": ("ого", "ому", "ой", "ым", "ом"),
    "ий": ("его", "ему", "ий", "им", "ем"),
    "ая": ("ой", "ой", "ую", "ой", "ой"),
    "яя": ("ей", "ей", "юю", "ей", "ей"),
    "ое": ("ого", "ому", "ое", "ым", "ом"),
    "ее": ("его", "ему", "ее", "им", "ем"),
    "ые": ("ых", "ым", "ые", "ыми", "ых"),
    "ие": ("их", "им", "ие", "ими", "их"),
    "ьи": ("ьих", "ьим", "ьи", "ьими", "ьих"),
}
_VELAR = {  # after г, к, х
    "ий": ("ого", "ому", "ий", "им", "ом"),
    "ой": ("ого", "ому", "ой", "им", "ом"),
    "ое": ("ого", "ому", "ое", "им", "ом"),
}
_HARD = {  # noun and possessive endings: nominative ending -> genitive, dative, accusative, instrumental, locative
    "ия": ("ии", "ии", "ию", "ией", "ии"),
    "ья": ("ьи", "ье", "ью", "ьей", "ье"),
    "я": ("и", "е", "ю", "ей", "е"),
    "а": ("ы", "е", "у", "ой", "е"),
    "ье": ("ья", "ью", "ье", "ьем", "ье"),
    "ие": ("ия", "ию", "ие", "ием", "ии"),
    "й": ("я", "ю", "й", "ем", "е"),
}
_POSSESSIVE_F = ("ой", "ой", "у", "ой", "ой")
_SIBILANT = "жчшщц"
_SOFT_I = "гкхжчшщ"


@cache
def _analyzer() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(fold(row["word"]) for row in read_input("word_kinds") if row["kind"] == kind)


def decline(name: str) -> tuple[str, ...]:
    """Distinct oblique forms of a name, folded, words joined by one space, sorted."""
    parts = _split(name)
    columns = _decline_words([word for word, _ in parts], [mark for _, mark in parts])
    own = " ".join(fold(word) for word, _ in parts)
    made = {form for i in range(len(CASES)) for form in _combine([column[i] for column in columns])}
    return tuple(sorted(made - {own}))


def _split(name: str) -> list[tuple[str, str]]:
    """(word, what stands before it: "", "-" or " ")."""
    return [(m[2], m[1].strip() or (" " if m[1] else "")) for m in re.finditer(r"([\s\-«»\".,№]*)([^\W_]+)", name)]


def _combine(columns: Sequence[tuple[str, ...]]) -> list[str]:
    """One case of a name: the n-th variants go together; a word with fewer variants repeats its last."""
    width = max(len(column) for column in columns)
    return [" ".join(column[min(i, len(column) - 1)] for column in columns) for i in range(width)]


def _decline_words(words: Sequence[str], marks: Sequence[str]) -> list[Forms]:
    """Which words of a name change: see the rules below, in order."""
    folded = [fold(word) for word in words]
    if "на" in folded:  # Славянск-на-Кубани
        at = folded.index("на")
        return [*_decline_words(words[:at], marks[:at]), *map(_fixed, words[at:])]
    if len(words) == 1:
        return [_lone(words[0])]
    hyphened = next((i for i, mark in enumerate(marks) if i and mark != "-"), len(words)) - 1
    # Усть-Лабинск, Абрау-Дюрсо, Восточно-Кругликовский микрорайон: of the hyphenated parts the last only
    return [*map(_fixed, words[:hyphened]), *_phrase(words[hyphened:])]


def _phrase(words: Sequence[str]) -> list[Forms]:
    """«Белая Глина»: adjectives and the noun that they belong to; «Заветы Ильича»: what follows the noun stays."""
    forms: list[Forms] = []
    for i, word in enumerate(words):
        rest = words[i + 1 :]
        if _is_adjective(word):
            forms.append(_adjective(word))
        elif rest and _is_possessive(word, rest[0]):
            forms.append(_possessive(word))
        else:
            # станция Васюринская agrees, мыс Большой Утриш does not
            agree = all(_is_adjective(w) and _agrees(word, w) for w in rest)
            return [*forms, _lone(word), *map(_adjective if agree else _fixed, rest)]
    return forms


def _fixed(word: str) -> Forms:
    return ((fold(word),),) * len(CASES)


def _is_adjective(word: str) -> bool:
    low = fold(word)
    if low in _words("noun") or len(low) < 4:
        return False
    if low.endswith(("ние", "тие", "лие", "ьи")):  # Укрепление is none, Верхние and Волчьи are
        return any(p.is_known and {"ADJF", "nomn"} <= set(p.tag.grammemes) for p in _analyzer().parse(low))
    return low[-2:] in _ADJECTIVE or low == "третья"


def _is_possessive(word: str, head: str) -> bool:
    """Марьина Роща, Мамедова Щель: a possessive adjective before its noun."""
    low = fold(word)
    ends = ("ова", "ева", "ина", "ына") if fold(head)[-1] in "аяь" else ("ов", "ев", "ин")
    return low.endswith(ends) and not low.endswith(("щина",)) and low not in _words("noun")


def _possessive(word: str) -> Forms:
    low = fold(word)
    if low.endswith("а"):
        return _glue(low[:-1], _POSSESSIVE_F)
    return _glue(low, ("а", "у", "", "ым", "ом"))


def _agrees(noun: str, adjective: str) -> bool:
    """A nominative adjective after a masculine noun (Бейсужёк Второй) or a feminine one."""
    feminine = fold(noun)[-1] in "ая"
    return fold(adjective).endswith(("ая", "яя")) == feminine


def _glue(stem: str, ends: Sequence[str]) -> Forms:
    return tuple((stem + end,) for end in ends)


def _adjective(word: str) -> Forms:
    low = fold(word)
    stem, end = low[:-2], low[-2:]
    if low == "третья":
        return _glue("треть", ("ей", "ей", "ю", "ей", "ей"))
    if low in _words("soft sign"):  # Казачий, Лебяжий: казачьего
        genitive, dative, instrumental, locative = _glue(f"{stem}ь", ("его", "ему", "им", "ем"))
        return (genitive, dative, (low,), instrumental, locative)
    if stem[-1] in "гкх" and end in _VELAR:
        return _glue(stem, _VELAR[end])
    if stem[-1] in "чщ" and end == "ая":
        return _glue(stem, ("ей", "ей", "ую", "ей", "ей"))
    return _glue(stem, _ADJECTIVE[end])


def _lone(word: str) -> Forms:
    """A word that carries the name."""
    low = fold(word)
    if low in _words("indeclinable") or len(low) < 3 or not low.isalpha() or word.isupper():
        return _fixed(word)
    if _is_adjective(word):
        return _adjective(word)
    parse = _known_noun(low)
    if parse is not None and low not in _words("rules"):
        return _by_dictionary(parse, low)
    return _by_rules(low)


def _known_noun(low: str) -> Parse | None:
    """A dictionary noun in the nominative, singular before plural."""
    found = [
        p for p in _analyzer().parse(low) if p.is_known and "NOUN" in p.tag and "nomn" in p.tag and "Surn" not in p.tag
    ]
    found.sort(key=lambda p: ("plur" in p.tag, "Geox" not in p.tag))
    return found[0] if found else None


def _by_dictionary(parse: Parse, low: str) -> Forms:
    number = "plur" if "plur" in parse.tag else "sing"
    forms: list[tuple[str, ...]] = []
    for case in CASES:
        made = parse.inflect({case, number})
        form = fold(made.word) if made else low
        forms.append((low,) if case == "accs" and low[-1] not in "ая" else (form,))
    if number == "plur" and low.endswith("ки"):  # Выселков in the dictionary, Выселок in the krai
        forms[0] = tuple(dict.fromkeys((*forms[0], _genitive_plural(low[:-1]))))
    return tuple(forms)


def _by_rules(low: str) -> Forms:  # noqa: PLR0911  # a table of endings
    if re.search(r"(ов|ев|ин|ын)о$", low):  # Калинино: both ways are right
        return tuple((low, low[:-1] + end) for end in ("а", "у", "о", "ом", "е"))
    if re.search(r"(ов|ев|ин|ын)$", low):  # Тарусин, Новопавлов
        return (((low + "а"),), ((low + "у"),), (low,), (low + "ым", low + "ом"), (low + "е",))
    if low[-1] in "оеэую":
        return _neuter(low)
    if low[-1] in "ыи":
        return _plural(low)
    if low[-1] in "ая":
        return _feminine(low)
    if low[-1] == "ь":
        return _soft(low)
    return _masculine(low)


def _neuter(low: str) -> Forms:
    for end in ("ье", "ие"):
        if low.endswith(end):
            return _glue(low[:-2], _HARD[end])
    return _fixed(low)


def _feminine(low: str) -> Forms:
    end = next(e for e in ("ия", "ья", "я", "а") if low.endswith(e))
    genitive, dative, accusative, instrumental, locative = _HARD[end]
    stem = low[: -len(end)]
    if end == "а" and stem[-1:] in tuple(_SOFT_I):
        genitive = "и"
    if end == "а" and stem[-1:] in tuple(_SIBILANT):
        instrumental = "ей"
    return _glue(stem, (genitive, dative, accusative, instrumental, locative))


def _soft(low: str) -> Forms:
    """Unknown words in -ь: feminine (Кубань); masculine ones are in the list."""
    if low in _words("masculine"):
        return _glue(low[:-1], ("я", "ю", "ь", "ем", "е"))
    return _glue(low[:-1], ("и", "и", "ь", "ью", "и"))


def _masculine(low: str) -> Forms:
    if low.endswith("й"):
        return _glue(low[:-1], ("я", "ю", "й", "ем", "и" if low.endswith("ий") else "е"))
    stem = _without_fleeting(low)
    genitive, dative, _, instrumental, locative = _glue(
        stem, ("а", "у", "", "ем" if low[-1] in _SIBILANT else "ом", "е")
    )
    return (genitive, dative, (low,), instrumental, locative)


def _without_fleeting(low: str) -> str:
    """Кубанец -> кубанц-, Красногвардеец -> красногвардейц-, Бейсужек -> бейсужк-."""
    if re.search(r"[аеиоуыэюя]ец$", low):
        return f"{low[:-2]}йц"
    if re.search(r"[^аеёиоуыэюя]ец$", low) and not re.search(r"[^аеёиоуыэюя]{2}ец$", low):
        return f"{low[:-2]}ц"
    if re.search(r"[жчшщц][ео]к$", low):
        return f"{low[:-2]}к"
    return low


def _plural(low: str) -> Forms:
    stem = low[:-1]
    if low[-1] == "и" and stem[-1] not in _SOFT_I:
        return _fixed(low)
    return tuple((form,) for form in (_genitive_plural(stem), stem + "ам", low, stem + "ами", stem + "ах"))


def _genitive_plural(stem: str) -> str:
    if stem[-1] in _SIBILANT and stem[-1] != "ц":
        return f"{stem}ей"
    if stem.endswith("к") and stem[-2] not in "аеёиоуыэюя":  # Выселки -> Выселок
        return f"{stem[:-1]}ек" if stem[-2] in "жчшь" else f"{stem[:-1]}ок"
    return f"{stem}ов"
