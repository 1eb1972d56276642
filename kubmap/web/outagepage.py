"""The residents' pages as HTML: the answer of a place, the search, what is not there. Pure: state in, text out.

They need no script. The templates escape all text of people (autoescape); the policy allows no inline script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.cases import where
from kubmap.atlas.finder import holder
from kubmap.feeds import answer, clockwords, words
from kubmap.web import assets, outageview

if TYPE_CHECKING:
    from pathlib import Path

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Day, OutageState

PARTS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages tell of the installation; `root` leads from a page to the root of all addresses."""

    address: str
    demo: bool = False
    root: str = "../"

    def asset(self, name: str) -> str:
        return self.root + assets.url("kubmap", name).lstrip("/")

    @property
    def webcal(self) -> str:
        """The address for a calendar program."""
        return f"webcal://{self.address.partition('://')[2]}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a place: its state, the days from then on, and whether the moment was asked for (not now)."""

    state: OutageState
    days: Sequence[Day]
    other_moment: bool = False
    areas: Mapping[str, Markup] = field(default_factory=dict)
    """Maps by the id of the notice."""


def answer_page(asked: Asked, atlas: Atlas, site: Site) -> str:
    """The page of a place."""
    return templates().get_template("outages.html").render({**_values(asked, atlas, site), "whole": True})


def answer_part(asked: Asked, atlas: Atlas, site: Site) -> str:
    """The answer alone, for a page of another make; styled by outage.css within an element of the class `outage`."""
    return templates().get_template("outageanswer.html").render({**_values(asked, atlas, site), "whole": False})


def _values(asked: Asked, atlas: Atlas, site: Site) -> dict[str, Any]:
    state = asked.state
    place, told = state.place, where(state.place, atlas.names)
    return {
        "site": site,
        "place": place,
        "holder": holder(place, atlas),
        "parent": atlas.settlements.get(place.parent) if place.parent else None,
        "parts": inner(place, atlas),
        "homonyms": _homonyms(place, atlas),
        "sentences": answer.sentences(state, told),
        "worst": outageview.worst(state),
        "tiles": outageview.tiles(state),
        "cards": outageview.cards(state, asked.areas),
        "excepted": outageview.excepted_cards(state, asked.areas),
        "more": max(len(state.concerns) - outageview.CARDS, 0),
        "strip": outageview.strip(asked.days, state.now),
        "period": words.interval_words(asked.days[0].day, asked.days[-1].day),
        "past": [outageview.past(each) for each in state.past],
        "at": clockwords.stamp(state.now),
        "iso": words.iso(state.now),
        "next": words.iso(outageview.next_change(state)),
        "told_at": outageview.told_at(state),
        "other_moment": asked.other_moment,
    }


def find_page(query: str, found: Sequence[Settlement], atlas: Atlas, site: Site) -> str:
    """The search; without a query the page says what it is for."""
    return _find(site, query=query, found=[choice(each, atlas) for each in found])


def missing_page(title: str, told: str, site: Site) -> str:
    """What cannot be answered: `told` says why; the search stands below."""
    return _find(site, title=title, missing=told)


def _find(
    site: Site, *, query: str = "", found: Sequence[Any] = (), title: str | None = None, missing: str | None = None
) -> str:
    values = {"site": site, "query": query, "found": found, "title": title, "missing": missing}
    return templates().get_template("outagefind.html").render(values)


def choice(place: Settlement, atlas: Atlas) -> dict[str, str]:
    """A place of a list: id, name, and the words that tell it from its homonyms."""
    around = holder(place, atlas)
    return {"id": place.id, "name": place.name, "about": f"{place.type}, {around}" if around else place.type}


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Of the pages; autoescape is on."""
    made = Environment(
        loader=PackageLoader("kubmap.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each use of a template asks the disk for its date
    )
    made.globals["icon"] = _icon
    return made


def warm() -> None:
    """Make code of the templates, which takes some 30 ms."""
    for name in ("outages.html", "outageanswer.html", "outagefield.html", "outagefind.html", "resident.html"):
        templates().get_template(name)


def _icon(name: str) -> Markup:
    """A symbol of icons.svg put into the page: a reference to a file would need a request."""
    return Markup(_icons().get(name, ""))  # noqa: S704  (our own file)


@lru_cache(maxsize=1)
def _icons() -> dict[str, str]:
    found: dict[str, str] = {}
    for part in assets.text("kubmap", "icons.svg").split("<symbol id=")[1:]:
        name, _, rest = part.removeprefix('"').partition('"')
        box = rest.partition('viewBox="')[2].partition('"')[0]
        body = rest.partition(">")[2].partition("</symbol>")[0]
        found[name] = f'<svg class="icon" viewBox="{box}" aria-hidden="true" focusable="false">{body}</svg>'
    return found


def inner(place: Settlement, atlas: Atlas) -> Sequence[Settlement]:
    """Parts of a town where people live, the most populous first."""
    return _parts(atlas.folder).get(place.id, ())


@lru_cache(maxsize=2)
def _parts(folder: Path) -> Mapping[str, Sequence[Settlement]]:
    lived_in = [each for each in load_atlas(folder).settlements.values() if each.parent and each.type != "место"]
    found: dict[str, list[Settlement]] = {}
    for each in sorted(lived_in, key=lambda place: (-(place.population or 0), place.name)):
        found.setdefault(str(each.parent), []).append(each)
    return {parent: parts[:PARTS_SHOWN] for parent, parts in found.items()}


def _homonyms(place: Settlement, atlas: Atlas) -> int:
    """Other places of the same name in the krai."""
    named = (each for each in atlas.names.named(place.name) if each.region == place.region)
    return sum(1 for each in named if each.id != place.id and each.name == place.name)
