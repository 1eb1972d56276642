"""Roads with their kilometres, and utility companies: what the atlas finds in a text, as mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import TYPE_CHECKING

from kubmap.atlas.asked import Asked
from kubmap.atlas.kilometres import KmMention, find_km
from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadnames import RoadNames
from kubmap.atlas.roadwords import Key, Laid, key_of, stem
from kubmap.atlas.words import fold, words
from kubmap.domain import PlaceKind
from kubmap.text.data import load
from kubmap.text.marks import REF, ROAD
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention, Role, replace
from kubmap.text.scan import Scan
from kubmap.text.settle import same_stem
from kubmap.text.slips import misspelt

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.text.frame import Frame

_REACH = 90  # characters between a road and its km
_FAR_KM = 300  # km; below it many roads have the same one
_STRANGE = re.compile(r"(?:[Тт]расс|[Аа]втодорог|[Дд]орог|[Шш]оссе)[а-я]*\s+(?:[«\"„]|[А-ЯЁ])")
"""A road that is named, but not one of the atlas («трасса «Урал»»)."""


@per_atlas
def road_names(atlas: Atlas) -> RoadNames:
    """The road names of an atlas, made once."""
    return RoadNames(atlas.roads)


@lru_cache(maxsize=1)
def _refs() -> re.Pattern[str]:
    return re.compile(load("where")["roads"]["refs"])


def _may_name_roads(scan: Scan) -> bool:
    """Most texts have no word that speaks of a road, and no ref either, and are not searched."""
    return bool(scan.mask & ROAD) or _has_ref(scan)


def _has_ref(scan: Scan) -> bool:
    letters = compress(scan.starts, map(REF.__and__, scan.signs)) if scan.mask & REF else ()
    return any(_refs().match(scan.folded, start) for start in letters)


def _words(scan: Scan) -> Laid:
    starts = [*map(scan.starts.__getitem__, scan.numbers), len(scan.folded)]
    return Laid(scan.words, starts, list(map(scan.ends.__getitem__, scan.numbers)))


def roads(scan: Scan) -> list[Mention]:
    """Roads, each with the km that stands nearest to it; a km alone is not a place."""
    folded = scan.folded
    if not _may_name_roads(scan):
        return []
    named = road_names(scan.atlas).find(folded, original=scan.text, laid=_words(scan))
    if not named:
        return _road_of_km(scan)
    found = [_road(scan, item) for item in named if not _leads_to_district(scan, folded, item)]
    if not found:
        return []
    lonely = []
    for km in find_km(folded):
        nearest = min(range(len(found)), key=lambda n: _gap(found[n], km))
        if _gap(found[nearest], km) <= _REACH and not _apart(scan, found[nearest], km):
            found[nearest] = _with_km(scan, found[nearest], km)
        else:
            lonely.append(km)
    found += _far_km(scan, found, lonely)
    return found if all(map(_IDS, found)) else [_beyond(m) for m in found]


def _beyond(mention: Mention) -> Mention:
    """«М-5 «Урал»»: a federal road that does not come near the krai lies outside."""
    ref = _MARKS.sub("", fold(mention.name)).translate(_LATIN)
    if mention.ids or ref not in _foreign_refs():
        return mention
    return replace(mention, kind=PlaceKind.OUTSIDE, rule="foreign_road")


_IDS = attrgetter("ids")
_MARKS = re.compile(r"[\W_]+")
_LATIN = str.maketrans("mpa", "мра")


@lru_cache(maxsize=1)
def _foreign_refs() -> frozenset[str]:
    return frozenset(load("outside")["roads"]["refs"])


def _far_km(scan: Scan, found: list[Mention], lonely: list[KmMention]) -> list[Mention]:
    """A km in another sentence belongs to the only road of the story, if that has none of its own."""
    frame = scan.frame
    story = [m for m in found if m.role == Role.EVENT and not (frame and frame.in_tail(m.start))]
    posts = [km for km in lonely if not (frame and frame.in_tail(km.start))]
    if len(story) != 1 or len(posts) != 1 or story[0].kind != PlaceKind.ROAD:
        return []
    return [_post(story[0], posts[0], scan.text, scan.source)]


def _road_of_km(scan: Scan) -> list[Mention]:
    """«С 1362 по 1365 км на автодороге»: where no road is named, a km that only one road has names it."""
    frame = scan.frame
    far = [km for km in find_km(scan.folded) if km.km_from >= _FAR_KM]
    posts = [km for km in far if not (frame and frame.in_tail(km.start))]
    if len(posts) != 1 or _has_ref(scan) or _STRANGE.search(scan.text):
        return []
    road_id = scan.atlas.roads.only_at(posts[0].km_from)
    if road_id is None:
        return []
    return [_road_at(scan, road_id, posts[0])]


def _road_at(scan: Scan, road_id: str, km: KmMention) -> Mention:
    return Mention(
        scan.text[km.start : km.end], km.start, km.end, scan.source, PlaceKind.ROAD_KM,
        scan.atlas.roads.road(road_id).name, ids=(road_id,), role=Role.EVENT, rule="road_post_km",
        km=km.km_from, km_to=km.km_to,
    )  # fmt: skip


def km_of_title(text: str, frame: Frame, found: list[Mention], head: list[Mention]) -> list[Mention]:
    """The one km of a text without a road belongs to the one road of its title («М-4 накрыло селем»)."""
    roads_of_text = [m for m in found if m.kind in {PlaceKind.ROAD, PlaceKind.ROAD_KM}]
    named = [m for m in head if m.kind == PlaceKind.ROAD and m.role == Role.EVENT]
    if roads_of_text or len(named) != 1:
        return []
    posts = [km for km in find_km(fold(text)) if not frame.in_tail(km.start)]
    return [_post(named[0], posts[0], text, "text")] if len(posts) == 1 else []


def _post(road: Mention, km: KmMention, text: str, source: str) -> Mention:
    """A km that stands apart from its road, as a mention of its own."""
    return replace(
        road, start=km.start, end=km.end, text=text[km.start : km.end], source=source, kind=PlaceKind.ROAD_KM,
        km=km.km_from, km_to=km.km_to, rule=road.rule + "_km",
    )  # fmt: skip


def _leads_to_district(scan: Scan, folded: str, item: RoadMention) -> bool:
    """«на трассе в Северском районе», «на подъезде к Джубге»: no road's name."""
    if item.by != "weak":
        return False
    after = folded[item.end : item.end + 16].split()
    return item.text.startswith("подъезд") or (bool(after) and after[0].strip(".,)") in scan.w.district_one)


def _road(scan: Scan, item: RoadMention) -> Mention:
    """A road without km; `by` weak («анапская трасса») is weak evidence."""
    network = scan.atlas.roads
    name = network.road(item.road_ids[0]).name if item.road_ids else scan.text[item.start : item.end]
    head = scan.folded[max(0, item.start - 40) : item.end]
    return Mention(
        scan.text[item.start : item.end], item.start, item.end, scan.source, PlaceKind.ROAD, name,
        ids=item.road_ids, role=Role.WEAK if item.by == "weak" else Role.EVENT, rule="road_" + item.by,
        ends=tuple(map(_ends(scan.atlas).__getitem__, item.ends)) if item.road_ids else _written_ends(scan, item),
        cut=item.by == "cut", part=item.part,
        federal="федеральн" in head or "фад" in head.split(),
    )  # fmt: skip


def _written_ends(scan: Scan, item: RoadMention) -> tuple[tuple[str, ...], ...]:
    """The candidates of the ends of a road that the atlas lacks, with the places that the text writes."""
    return tuple(_with_written(scan, item, _ends(scan.atlas)[end]) for end in item.ends)


def _with_written(scan: Scan, item: RoadMention, ids: tuple[str, ...]) -> tuple[str, ...]:
    """«Федоровская» is read as the farm Федоровский, where a road of the atlas ends: the stanitsa may be meant too."""
    alike = same_stem(scan.atlas).get(stem(fold(scan.atlas.settlements[ids[0]].name)), ()) if ids else ()
    return (*ids, *(i for i in alike if i not in ids and fold(scan.atlas.settlements[i].name) in words(item.text)))


class _Ends(Asked[tuple[str, ...]]):
    """Name of a road's end point -> its candidates in the krai."""

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self._atlas = atlas

    def tell(self, word: str) -> tuple[str, ...]:
        parts = words(word)
        for match in self._atlas.names.match(parts, 0) if parts else ():
            if match.length == len(parts):
                return tuple(i for i in match.ids if i in self._atlas.settlements)
        slip = misspelt(self._atlas, fold(word)) if len(parts) == 1 else ()
        return slip if len(slip) == 1 else ()


@per_atlas
def _ends(atlas: Atlas) -> _Ends:
    return _Ends(atlas)


def _gap(mention: Mention, km: KmMention) -> int:
    if mention.kind == PlaceKind.ROAD_KM:
        return _REACH + 1
    return max(km.start - mention.end, mention.start - km.end, 0)


def _apart(scan: Scan, mention: Mention, km: KmMention) -> bool:
    """Whether a sentence ends between a road and a km."""
    low, high = min(mention.end, km.end), max(mention.start, km.start)
    between = scan.text[low:high]
    return any(stop in between for stop in (". ", "! ", "? ", "\n")) and not between.strip().endswith(("г.", "а/д"))


def _with_km(scan: Scan, mention: Mention, km: KmMention) -> Mention:
    start, end = min(mention.start, km.start), max(mention.end, km.end)
    if any(map(str.isupper, scan.text[min(mention.end, km.end) : max(mention.start, km.start)])):
        start, end = mention.start, mention.end  # what is named between the two is read by itself
    return replace(
        mention, start=start, end=end, text=scan.text[start:end], kind=PlaceKind.ROAD_KM,
        km=km.km_from, km_to=km.km_to, rule=mention.rule + "_km",
    )  # fmt: skip


_STOPS = frozenset(":;!?")
"""Marks that no name of a company has inside."""


def providers(scan: Scan) -> list[Mention]:
    """Companies that serve an area, by any of their names in any case."""
    names = provider_names(scan.atlas)
    sizes = list(map(names.__getitem__, scan.words))
    found: list[Mention] = []
    end = 0
    for at in compress(range(len(sizes)), sizes):
        key = names.at(scan.words, at) if at >= end else None
        if key is not None:
            end = at + len(key)
            if not _STOPS.isdisjoint(scan.folds[scan.numbers[at] : scan.numbers[end - 1]]):
                continue  # «жители Ейска: водовод …» is no company
            ids = names.ids[key]
            name = scan.atlas.providers[ids[0]].name
            first, after = scan.numbers[at], scan.numbers[end - 1] + 1
            found.append(scan.mention(first, after, PlaceKind.PROVIDER_AREA, name, "provider", ids=ids))
    return found


class ProviderNames(Asked[tuple[int, ...]]):
    """Word -> how many words the companies' names have that may begin there, most first; most words begin none."""

    def __init__(self, ids: Mapping[Key, tuple[str, ...]]) -> None:
        """`ids` are the companies of each name, which is known by the stems of its words."""
        super().__init__()
        self.ids = ids
        self._sizes: dict[str, list[int]] = {}
        for size, first in sorted({(len(key), key[0]) for key in ids}, reverse=True):
            self._sizes.setdefault(first, []).append(size)

    def tell(self, word: str) -> tuple[int, ...]:
        return tuple(self._sizes.get(stem(word), ()))

    def at(self, words: list[str], at: int) -> Key | None:
        """The longest name that begins at a word."""
        for size in self[words[at]]:
            key = tuple(map(stem, words[at : at + size]))
            if key in self.ids:
                return key
        return None


@per_atlas
def provider_names(atlas: Atlas) -> ProviderNames:
    """All names of companies; a bare kind of company («Водоканал») is not a name."""
    generic = set(map(key_of, load("where")["providers"]["generic"]))
    found: dict[Key, list[str]] = {}
    for provider in atlas.providers.values():
        for name in (_quoted(provider.name), *provider.aliases):
            key = key_of(name)
            if key and key not in generic and provider.id not in found.setdefault(key, []):
                found[key].append(provider.id)
    return ProviderNames({key: tuple(ids) for key, ids in found.items()})


def _quoted(name: str) -> str:
    """What stands in the quotes of a company's name, or the whole."""
    return name.split("«")[1].split("»", maxsplit=1)[0] if "«" in name else name
