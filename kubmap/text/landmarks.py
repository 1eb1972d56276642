"""Places that a common noun begins: «порт Кавказ», «Мамайский перевал», «река Пшада», «лагерь «Орлёнок»»."""

from __future__ import annotations

from kubmap.atlas.atlas import Atlas
from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import fold
from kubmap.text.named import mention_of
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention
from kubmap.text.scan import CLOSE, Scan
from kubmap.text.settle import is_of_a_net


def landmark(scan: Scan, i: int) -> list[Mention] | None:
    """A name of two words or more whose first is a common noun; the proper one may stand in quotes."""
    if stem(scan.fold[i]) not in heads(scan.atlas):
        return None
    if scan.fold[i].startswith("станци") and is_of_a_net(scan, i):
        return None
    name = scan.name(i, quotes=True)
    if name is None or name.end - i < 2 or not any(scan.is_title(k) for k in range(i + 1, name.end)):
        return None
    ids = tuple(k for k in name.ids if k in scan.atlas.settlements)
    if not ids:
        return None
    end = name.end + (scan.fold[name.end] in CLOSE)
    return [mention_of(scan, i, end, ids, "landmark")]


@per_atlas
def heads(atlas: Atlas) -> frozenset[str]:
    """Stems of the common nouns and adjectives that names begin with («порт», «морск», «перевал»)."""
    names = [name for place in atlas.settlements.values() for name in (place.name, *place.aliases)]
    return frozenset(stem(fold(name).split(" ")[0].split("-")[0]) for name in names if name[0].islower())
