"""Zones shaded by how many records they have, or per 10,000 people, with the legend."""

from __future__ import annotations

import pytest

from kubmap.atlas.atlas import load_atlas
from tests.browser.conftest import RESULTS, drawn, expect

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-10-01&to=2021-12-31"


@pytest.fixture
def crowded(open_page, crowd):
    return lambda path, **options: drawn(open_page(path, base=crowd, **options))


def legend(page):
    return page.locator("#zones [data-zone]").evaluate_all(
        "rows => Object.fromEntries(rows.map((row) =>"
        " [row.dataset.zone.split('-')[0], row.querySelector('.zone-value').textContent]))"
    )


def fill(page, number):
    return page.locator(f"path.zone-{number}").evaluate("node => getComputedStyle(node).fill")


def test_counts_of_zones(crowded):
    page = crowded(ALL)
    assert page.locator("#classes").is_hidden()
    page.locator('#by input[value="count"]').check()
    found = legend(page)
    assert (found["krasnodar"], found["sochi"], found["northern"], found["eastern"]) == ("45", "40", "12", "0")
    assert "by=count" in page.url
    numbers = {zone: number for number, zone in enumerate(load_atlas().zones, start=1)}
    assert (
        fill(page, numbers["krasnodar-agglomeration"])
        != fill(page, numbers["northern"])
        != fill(page, numbers["eastern"])
    )
    assert page.locator("#classes li").count() == 6
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / "map-choropleth.png")


def test_rate_is_count_by_people(crowded):
    page = crowded(f"{ALL}&by=rate")
    people = load_atlas().zones["sochi-agglomeration"].population
    assert float(legend(page)["sochi"].replace(",", ".")) == pytest.approx(40 * 10_000 / people, rel=0.01)


def test_filters_change_the_shades(crowded):
    page = crowded(f"{ALL}&by=count")
    page.locator('.chip[data-category="outage_power"]').click()
    expect(page.locator('#zones [data-zone="krasnodar-agglomeration"] .zone-value')).to_have_text("0")
    assert legend(page)["northern"] == "12"


def test_keys_switch_it(crowded):
    page = crowded(ALL)
    page.locator('#by input[value="zones"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map")).to_have_attribute("data-by", "count")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map")).to_have_attribute("data-by", "rate")


EDGES = (
    ([0, 0], []),
    ([1, 0], [1]),
    ([45, 40, 12, 0], [10, 20, 30, 40, 50]),
    ([3, 1], [1, 2, 3]),
)  # fmt: skip


def test_classes_are_round_and_few(crowded):
    page = crowded(ALL)
    for values, edges in EDGES:
        assert page.evaluate("values => Kubmap.breaks(values, true)", values) == edges, values
    # values far from zero get classes of their own
    found = page.evaluate("Kubmap.breaks([115, 153, 231, 226, 192, 232, 189], false)")
    assert found[0] > 115
    assert found[-1] >= 232
    assert 3 <= len(found) <= 5
