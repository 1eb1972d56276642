"""The hostile corpus (data/hostile.jsonl), and an archive where each of it stands in every field that people write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kubmap.desk.access import User
from kubmap.desk.desk import Desk
from kubmap.domain import MOSCOW, Category, Interval, Outage, Role, Utility

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import Incident
    from kubmap.store import Store

ANN = User("1", "анна", Role.EDITOR)
CHIEF = User("2", "пётр", Role.CHIEF)
NOW = datetime(2021, 11, 26, 12, 0, tzinfo=MOSCOW)
PLACES = {"Крымск": "03625101001", "Анапа": "03703000001", "Ейск": "03616101001"}
"""The records of outages are shared out among these: a page shows so many and no more."""
MEGABYTE = "Пожар произошёл в городе Ейске 22 ноября, горел сарай. " * 10_500
"""A line of more than 1 MB in UTF-8."""


@dataclass(frozen=True, slots=True)
class Case:
    """A string that must come out as text. `kind`: "line", "lines" (a field of one line may fold them), "refused"."""

    name: str
    kind: str
    text: str

    @property
    def words(self) -> str:
        """What must be found again: spaces and line breaks may differ."""
        return folded(self.text)


def folded(text: str) -> str:
    """The text with any run of spaces and line breaks as one space."""
    return " ".join(text.split())


def _corpus() -> tuple[Case, ...]:
    lines = (Path(__file__).parent / "data" / "hostile.jsonl").read_text("utf-8").split("\n")
    return tuple(Case(**json.loads(line)) for line in lines if line)


CORPUS = _corpus()
TAKEN = tuple(case for case in CORPUS if case.kind != "refused")
REFUSED = tuple(case for case in CORPUS if case.kind == "refused")


def web_address(case: Case) -> str:
    """An address that holds the string, as somebody may paste it."""
    return f"https://example.org/{case.words}"


def town(case: Case) -> str:
    """Where the outage of a case is."""
    return list(PLACES)[TAKEN.index(case) % len(PLACES)]


def outage(nasty: str, where: str) -> Outage:
    """A notice whose every word of people is the string."""
    works = Interval(datetime(2021, 11, 27, 9, 0, tzinfo=MOSCOW), datetime(2021, 11, 27, 17, 0, tzinfo=MOSCOW))
    return Outage(
        Utility.WATER, works=works, places=(where,), exceptions=(nasty,), streets=(nasty, "ул. Мира"), cause=nasty,
        provider=nasty,
    )  # fmt: skip


def written(desk: Desk, case: Case) -> Incident:
    """Pasted, edited in every field, published: as an editor does it."""
    text = f"Воду отключат 27 ноября с 9:00 до 17:00 в городе {town(case)} для ремонта ({case.name}). {case.text}"
    first, *_ = desk.paste(ANN, text, published=NOW)
    draft = first.incident
    told = outage(case.text, town(case))
    changes = {
        "title": case.text,
        "text": text,
        "category": Category.OUTAGE_WATER,
        "source_name": case.text,
        "source_url": web_address(case),
        "starts_at": told.works and told.works.start,
        "ends_at": told.works and told.works.end,
        "outage": told,
    }
    return desk.save(
        ANN, draft.id, base_version=draft.version, changes=changes, reason=case.text, publish=True
    ).incident


def withdrawn(desk: Desk, case: Case) -> Incident:
    """A fire that was published and taken back for the string as the reason."""
    (first,) = desk.paste(ANN, f"Пожар произошёл в городе Тихорецке 22 ноября, горел склад {case.name}.", published=NOW)
    desk.publish(ANN, [first.incident.id])
    return desk.retract(ANN, first.incident.id, case.text)


def archive(store: Store, atlas: Atlas) -> dict[str, Incident]:
    """By the name of each case that is taken, its record."""
    desk = Desk(store, atlas, now=lambda: NOW)
    return {case.name: written(desk, case) for case in TAKEN}
