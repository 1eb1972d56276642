"""«в Крымске», «в станице Анапской»: where a settlement is, in the prepositional case.

A form is made by its ending and used only when the atlas knows it (data/geo/forms.tsv); otherwise the name stays as it
is after the word of its type, which is right for every name.
"""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from kubmap.atlas.words import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubmap.atlas.model import Settlement
    from kubmap.atlas.settlements import NameIndex

_ENDINGS = (
    ("ец", ("це", "еце")), ("ок", ("ке", "оке")), ("ий", ("ом", "ем", "ии")), ("ый", ("ом",)), ("ой", ("ом", "ое")),
    ("ая", ("ой", "ае")), ("яя", ("ей",)), ("ое", ("ом",)), ("ее", ("ем",)), ("ые", ("ых",)), ("ие", ("их", "ии")),
    ("ия", ("ии",)), ("а", ("е",)), ("я", ("е",)), ("о", ("е",)), ("ь", ("и", "е")), ("й", ("е",)), ("ы", ("ах",)),
    ("и", ("ах", "ях")),
)  # fmt: skip
"""Of a nominative and what the prepositional may end on, the likelier first."""

_TYPES = {
    "пгт": "в посёлке", "станица": "в станице", "село": "в селе", "посёлок": "в посёлке", "хутор": "в хуторе",
    "аул": "в ауле", "разъезд": "на разъезде", "станция": "на станции", "деревня": "в деревне",
    "слобода": "в слободе", "микрорайон": "в микрорайоне",
}  # fmt: skip
_AGREEING = ("ая", "ий", "ый", "ое")
"""A name of these endings agrees with the word of its type; «в селе Гайдук» stays."""
_VOWELS = frozenset("аеёиоуыэюя")
_UNCHANGED = frozenset("еиоу")
"""A town whose name ends so («Сочи», «Туапсе») and has no form of its own is not declined."""
_TRIED = 64


def prepositional(place: Settlement, names: NameIndex) -> str | None:
    """«Крымске»; None where no form is known to be one of this name."""
    parts = place.name.split(" ")
    for chosen in islice(product(*(list(_forms(part)) for part in parts)), _TRIED):
        form = " ".join(chosen)
        if form != place.name and _known(form, place, names):
            return form
    return None


def where(place: Settlement, names: NameIndex) -> str:
    """«в Крымске», «во Владимирской», «в станице Анапской», «в хуторе Ленина», «в микрорайоне «Надежда»»."""
    kind = _TYPES.get(place.type)
    agrees = place.name.endswith(_AGREEING)
    if place.type == "место":
        return _named(place)
    if kind is None or place.name.split(" ")[-1] == place.type:
        form = prepositional(place, names) or (place.name if fold(place.name)[-1] in _UNCHANGED else None)
        return f"{_preposition(form)} {form}" if form else f"в городе {place.name}"
    if place.type == "микрорайон":
        return f"{kind} «{place.name}»"
    form = prepositional(place, names) if agrees else None
    name = form or place.name.removeprefix(f"{place.type.capitalize()} ")
    return f"{kind} {name}"


def _named(place: Settlement) -> str:
    """A place that is no settlement, by its name as it stands."""
    return f"в {place.name}" if place.name.startswith("СНТ") else f"в районе «{place.name}»"


def _preposition(form: str) -> str:
    start = fold(form)[:2]
    return "во" if start[:1] in {"в", "ф"} and start[1:] not in _VOWELS else "в"


def _forms(word: str) -> Iterator[str]:
    head, river, tail = word.partition("-на-")
    if river:
        yield from (f"{form}{river}{tail}" for form in _forms(head))
        return
    for ending, others in _ENDINGS:
        if word.endswith(ending):
            yield from (word.removesuffix(ending) + other for other in others)
            break
    else:
        if word[-1:].isalpha():
            yield word + "е"
    yield word


def _known(form: str, place: Settlement, names: NameIndex) -> bool:
    said = words(form)
    return any(
        match.length == len(said) and match.kind == "obl" and place.id in match.ids for match in names.match(said, 0)
    )
