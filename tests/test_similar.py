"""SimilarIndex: finds what a comparison with every incident would find, and follows the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest

from bench.retellings import retellings
from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Category, Incident, Location, Precision, Status, Teaser
from kubmap.geocode.compare import judge
from kubmap.geocode.event import of_incident, of_reading
from kubmap.geocode.reading import read_teaser
from kubmap.read.similar import SimilarIndex

COUNT = 3_000


@lru_cache(maxsize=1)
def told():
    """Three thousand incidents of forty days, so that every find has hundreds of neighbours in time."""
    return tuple(retellings(load_atlas(), COUNT, seed=7, days=40))


@pytest.fixture(scope="module")
def index():
    return SimilarIndex(each.incident for each in told())


def read(teaser):
    return read_teaser(teaser, load_atlas())


def incident(number, text, **changes):
    base = {
        "id": f"i{number}", "version": 1, "status": Status.PUBLISHED, "category": Category.FIRE, "title": None,
        "text": text, "published_at": date(2023, 8, 18),
    }  # fmt: skip
    return Incident(**{**base, **changes})


def test_a_retelling_finds_its_incident_first(index):
    sample = told()[::30]
    hits = [index.find(read(each.retold))[0].id == each.incident.id for each in sample]
    assert sum(hits) / len(hits) >= 0.97


def test_blocking_loses_next_to_nothing():
    """Against a comparison with every incident: its five best that are the same event are found."""
    some = told()[::2]
    index = SimilarIndex(each.incident for each in some)
    events = {each.incident.id: of_incident(each.incident) for each in some}
    wanted = got = 0
    for each in some[::50]:
        asked = of_reading(read(each.retold))
        scores = {key: judge(asked, event) for key, event in events.items()}
        best = sorted((key for key in scores if scores[key].same_event), key=lambda key: -scores[key].score)[:5]
        found = {match.id for match in index.find(read(each.retold), limit=50) if match.same_event}
        wanted += len(best)
        got += len(found.intersection(best))
        assert all(scores[key].same_event for key in found)
    assert wanted >= 20
    assert got / wanted >= 0.9, (got, wanted)


def test_an_incident_does_not_match_itself(index):
    some = told()[5].incident
    assert some.id not in {match.id for match in index.find(some, limit=50)}


def test_an_incident_matches_its_copy(index):
    copy = replace(told()[5].incident, id="copy")
    best = index.find(copy)[0]
    assert best.id == told()[5].incident.id
    assert best.same_event
    assert best.reasons


def test_best_first_and_no_more_than_asked(index):
    found = index.find(read(told()[9].retold), limit=3)
    assert len(found) == 3
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


def test_discarded_is_gone_and_added_is_there():
    first, second = told()[1].incident, told()[2].incident
    mine = SimilarIndex([first, second])
    assert len(mine) == 2
    mine.discard(first.id)
    mine.discard("unknown")
    assert first.id not in mine
    assert first.id not in {match.id for match in mine.find(replace(first, id="copy"))}
    mine.add(first)
    assert mine.find(replace(first, id="copy"))[0].id == first.id


def test_a_newer_version_replaces_the_older():
    mine = SimilarIndex([incident(1, "Сгорел склад пластика на улице Бородинской, площадь 600 метров.")])
    mine.add(incident(1, "Катер перевернулся в бухте, спасены девять отдыхающих.", category=Category.OTHER_EMERGENCY))
    assert len(mine) == 1
    (found,) = mine.find(incident(2, "Сгорел склад пластика на улице Бородинской, площадь 600 метров."))
    assert not found.same_event


def test_many_discards_are_swept_away():
    mine = SimilarIndex(each.incident for each in told())
    for each in told()[: COUNT - 100]:
        mine.discard(each.incident.id)
    left = told()[-1].incident
    assert len(mine) == 100
    assert mine.find(replace(left, id="copy"))[0].id == left.id


def test_nothing_in_an_empty_index():
    assert SimilarIndex().find(read(Teaser("", "Пожар в Анапе"))) == ()


@pytest.mark.parametrize("published", [None, date(2023, 8, 18)])
def test_empty_text_is_no_error(index, published):
    assert isinstance(index.find(read(Teaser("", "", None, published))), tuple)


def test_a_year_apart_is_not_looked_at():
    mine = SimilarIndex([incident(1, "Сгорел склад пластика на улице Бородинской.")])
    assert mine.find(incident(2, "Сгорел склад пластика на улице Бородинской.", published_at=date(2022, 8, 18))) == ()


def test_without_dates_words_and_place_decide():
    mine = SimilarIndex([incident(1, "Сгорел склад пластика на улице Бородинской, 600 метров.", published_at=None)])
    (found,) = mine.find(incident(2, "На Бородинской улице горит склад пластика площадью 600 метров."))
    assert found.same_event


def test_far_away_is_blocked_unless_the_words_are_rare():
    sochi = Location(43.585, 39.723, Precision.SETTLEMENT, 4_000, "Сочи", municipality="Сочи")
    yeysk = Location(46.711, 38.277, Precision.SETTLEMENT, 4_000, "Ейск", municipality="Ейский район")
    others = [each.incident for each in told()[:500]]
    mine = SimilarIndex([*others, incident(1, "Сгорел дом, потушили.", location=sochi)])
    assert "i1" not in {m.id for m in mine.find(incident(2, "Сгорел дом, потушили.", location=yeysk), limit=50)}
    mine.add(incident(3, "Вспыхнула типография «Меридиан», уничтожены гравюры.", location=sochi))
    text = "В типографии «Меридиан» погибли гравюры и архив."
    assert "i3" in {m.id for m in mine.find(incident(4, text, location=yeysk), limit=50)}
