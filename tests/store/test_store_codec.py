"""What goes into the store comes out equal: days stay days, minutes stay minutes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap import domain as d
from kubmap.store import codec

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
texts = words.filter(str.strip)
maybe_words = st.none() | words
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
minutes = st.datetimes(datetime(1995, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
moments = st.none() | days | minutes.map(lambda at: at.astimezone(d.MOSCOW))
numbers = st.none() | st.integers(0, 10**6)
floats = st.floats(allow_nan=False, allow_infinity=False)
pins = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
points = st.lists(st.floats(-180, 180), min_size=2, max_size=2)
geometries = st.none() | st.lists(points, max_size=4).map(lambda line: {"type": "LineString", "coordinates": line})


@st.composite
def locations(draw: st.DrawFn) -> d.Location:
    lat, lon = draw(pins) or (None, None)
    return d.Location(
        lat, lon, draw(st.sampled_from(d.Precision)), draw(numbers), draw(words), draw(maybe_words), draw(maybe_words),
        draw(maybe_words), draw(st.none() | floats), draw(words), draw(geometries),
    )  # fmt: skip


intervals = st.builds(d.Interval, moments, moments)
several = st.lists(words, max_size=3).map(tuple)
outages = st.builds(
    d.Outage, st.sampled_from(d.Utility), st.sampled_from(d.OutageKind), st.none() | intervals,
    st.lists(intervals, max_size=3).map(tuple), st.none() | st.tuples(floats, floats), several, several, several,
    maybe_words, maybe_words,
)  # fmt: skip
reasons = st.builds(d.Reason, words, words, numbers, numbers, st.sampled_from(["text", "title"]), words)
incidents = st.builds(
    d.Incident, id=st.uuids().map(str), version=st.integers(1, 9), status=st.sampled_from([d.Status.DRAFT]),
    category=st.sampled_from(d.Category), title=maybe_words, text=texts, source_name=maybe_words,
    source_url=maybe_words, published_at=moments, starts_at=moments, ends_at=moments,
    is_scheduled=st.none() | st.booleans(), casualties=st.builds(d.Casualties, numbers, numbers, numbers),
    location=st.none() | locations(),
    alternatives=st.lists(st.builds(d.Alternative, locations(), st.floats(0, 1), words), max_size=2).map(tuple),
    reasons=st.lists(reasons, max_size=3).map(tuple), outage=st.none() | outages, location_verified=st.booleans(),
    duplicate_of=st.none() | st.uuids().map(str), created_by=words,
    sources=st.lists(st.builds(d.Telling, maybe_words, maybe_words, moments, maybe_words), max_size=2).map(tuple),
    created_at=minutes.map(lambda at: at.astimezone(d.MOSCOW)),
    updated_at=minutes.map(lambda at: at.astimezone(d.MOSCOW)),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(incidents)
def test_json_and_row_give_back_the_incident(incident: d.Incident) -> None:
    assert codec.from_json(json.loads(json.dumps(codec.to_json(incident)))) == incident
    assert codec.from_row(codec.to_row(incident)) == incident


@settings(max_examples=300, deadline=None)
@given(moments.filter(lambda each: each is not None))
def test_moments_keep_their_type_and_their_minute(moment: d.Moment) -> None:
    back = codec.moment_from_text(codec.moment_to_text(moment))
    assert type(back) is type(moment)
    assert back == moment
    if isinstance(moment, datetime):
        assert isinstance(back, datetime)
        assert back.utcoffset() == moment.utcoffset()


def test_midnight_is_not_a_day() -> None:
    midnight = datetime(2021, 11, 28, tzinfo=d.MOSCOW)
    assert codec.moment_to_text(midnight) == "2021-11-28T00:00:00+03:00"
    assert codec.moment_from_text("2021-11-28") == date(2021, 11, 28)
    assert codec.moment_from_text("2021-11-28T00:00:00+03:00") == midnight


def test_other_offsets_become_moscow_time() -> None:
    at = datetime(2021, 11, 27, 6, 0, tzinfo=timezone(timedelta(hours=5)))
    assert codec.moment_to_text(at) == "2021-11-27T04:00:00+03:00"


def test_a_moment_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        codec.moment_to_text(datetime(2021, 11, 27, 6, 0))  # noqa: DTZ001


def test_marks_do_not_depend_on_the_order_of_keys() -> None:
    assert codec.mark({"a": 1, "b": [1, 2]}) == codec.mark({"b": [1, 2], "a": 1}) != codec.mark({"a": 1, "b": [2, 1]})
