"""What the rules of settlements share: a name as a mention, places outside, words for inhabitants."""

from __future__ import annotations

from kubmap.atlas.model import Settlement
from kubmap.domain import PlaceKind
from kubmap.text.bearers import bearers_of
from kubmap.text.places import Mention, Relation, Role
from kubmap.text.scan import Name, Scan

ADJECTIVAL = ("ая", "ой", "ую", "ий", "ый", "ого", "его", "ому", "ом", "ем", "ым", "им", "ое", "ее")
"""How a name that is an adjective may end."""
ONE_PERSON = (
    "ец", "ца", "цу", "цем", "нин", "нина", "нину", "нином", "ич", "ича", "ичу", "ичом",
    "нка", "нки", "нке", "нку", "нкой", "чка", "чки", "рка", "рки", "рке", "рку", "йка", "йки", "йке", "йку",
)  # fmt: skip
"""How the word for one inhabitant ends."""


def place_at(scan: Scan, place_id: str) -> Settlement:
    return scan.atlas.settlements.get(place_id) or scan.atlas.outside[place_id]


def mention_of(  # noqa: PLR0913
    scan: Scan, first: int, end: int, ids: tuple[str, ...], rule: str, *,
    role: Role = Role.EVENT, relation: Relation = Relation.WITHIN, type_word: str | None = None,
) -> Mention:  # fmt: skip
    """A mention named after its likeliest candidate; of kind OUTSIDE where none lies in the krai."""
    known = bearers_of(scan.atlas)[ids]
    if known.kind == PlaceKind.OUTSIDE:
        rule += "_outside"
    return scan.mention(
        first, end, known.kind, known.name, rule,
        ids=ids, role=role, relation=relation, type_word=type_word, inner=known.inner,
    )  # fmt: skip


def outside_words(scan: Scan, i: int) -> int:
    """How many words of a listed place outside begin at token `i`."""
    for size in (3, 2, 1):
        words = scan.words_from(i, size)
        if len(words) == size and words in scan.w.outside and not is_first_name(scan, i, words):
            return size
    return 0


def is_first_name(scan: Scan, i: int, words: tuple[str, ...]) -> bool:
    """«Владимир Путин» is no town."""
    return words[0] in scan.w.words("persons", "names") and scan.is_title(i + 1)


def people_role(word: str) -> Role:
    """«москвич» tells where a person is from, «ростовчане» where it happened."""
    return Role.HOME if word.endswith(ONE_PERSON) else Role.RESIDENTS


def agrees(scan: Scan, adjective: str, noun: str) -> bool:
    """Whether a noun's ending may agree with that of an adjective."""
    table: dict[str, list[str]] = scan.w.sections["agreement"]
    ends = [tuple(nouns) for ending, nouns in table.items() if adjective.endswith(ending)]
    return not ends or any(noun.endswith(end) for end in ends)


def goes_on(scan: Scan, k: int, name: Name) -> bool:
    """«Лазурный Берег» is not «Лазурный»: an adjective before a capitalised noun is half a name."""
    if name.end - k > 1 or not scan.fold[k].endswith(ADJECTIVAL) or not scan.is_title(name.end):
        return False
    word, _ = scan.hyphenated(name.end)
    if not agrees(scan, scan.fold[k], word):
        return False
    return scan.is_word(name.end) and scan.written(name.end)[1:2].islower() and not word.endswith(ADJECTIVAL)
