"""The gazetteer's files: complete, repaired, consistent; and reproducible where the packages are at hand."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from math import cos, hypot, radians
from pathlib import Path

import pytest

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.atlas.build import registry, yo
from kubmap.atlas.build.settlements import radius
from kubmap.atlas.model import KRAI
from kubmap.errors import DataError

ROOT = Path(__file__).parent.parent
GEO = data_folder()
TYPES = {
    "город", "пгт", "станица", "село", "посёлок", "хутор", "аул", "разъезд", "станция", "деревня", "слобода", "район",
    "микрорайон", "место", "регион", "страна",
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (GEO / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def atlas():
    return load_atlas()


def by_name(atlas, name, municipality):
    found = [p for p in atlas.settlements.values() if p.name == name and p.municipality == municipality]
    assert found, f"no {name} in {municipality}"
    return found


def test_counts(atlas):
    assert len(atlas.municipalities) == 44
    assert len(atlas.zones) == 7
    sizes = Counter(municipality.zone for municipality in atlas.municipalities.values())
    assert sizes == {
        "central": 11, "eastern": 10, "northern": 8, "foothill": 5, "black-sea": 5, "krasnodar-agglomeration": 4,
        "sochi-agglomeration": 1,
    }  # fmt: skip


def test_ids_are_unique_and_each_settlement_has_a_known_municipality(atlas):
    ids = [row["id"] for name in ("settlements", "outside") for row in rows(name)]
    assert len(ids) == len(set(ids))
    strays = {p.name for p in atlas.settlements.values() if p.municipality not in atlas.municipalities}
    assert strays == {"Сириус"}


def test_oktmo_has_eleven_digits_and_is_nobody_elses():
    codes = [row["oktmo"] for row in rows("settlements") if row["oktmo"]]
    assert all(len(code) == 11 and code.isdigit() and code.startswith("03") for code in codes)
    assert len(codes) == len(set(codes))
    assert len(codes) > 1700


def test_values_are_plausible(atlas):
    for place in [*atlas.settlements.values(), *atlas.outside.values()]:
        assert place.type in TYPES
        assert place.radius_m >= 500
        assert place.name == place.name.strip()
    for place in atlas.settlements.values():
        assert 43.3 < place.lat < 47.0, place
        assert 36.4 < place.lon < 41.8, place
        assert place.parent is None or place.parent in atlas.settlements


def test_every_repair_is_applied():
    settlements = {row["id"]: row for row in rows("settlements")}
    repairs = rows("repairs")
    assert len(repairs) > 200
    for repair in repairs:
        assert repair["reason"]
        assert repair["before"] != repair["after"]
        if repair["field"] == "row":
            assert repair["id"] not in settlements
        elif repair["field"] == "parent":
            assert settlements[settlements[repair["id"]]["parent"]]["name"] == repair["after"]
        elif repair["id"] != "*":
            later = [r for r in repairs if (r["id"], r["field"]) == (repair["id"], repair["field"])]
            assert settlements[repair["id"]][repair["field"]] in {r["after"] for r in later}


@pytest.mark.parametrize(
    ("name", "municipality", "kind"),
    [
        ("8 Марта", "seversky", "посёлок"),
        ("Кущёвская", "kushchyovsky", "станица"),
        ("Тимашёвск", "timashyovsky", "город"),
        ("Медвёдовская", "timashyovsky", "станица"),
        ("Адлер", "sochi", "микрорайон"),
        ("Хоста", "sochi", "микрорайон"),
        ("Кудепста", "sochi", "микрорайон"),
        ("Пашковский", "krasnodar", "микрорайон"),
        ("Сириус", "", "пгт"),
        ("Николая Островского", "yeysky", "посёлок"),
    ],
)
def test_what_the_registry_had_wrong_or_not_at_all(atlas, name, municipality, kind):
    assert {p.type for p in by_name(atlas, name, municipality)} == {kind}


def test_pension_of_the_wrong_longitude_is_at_the_sea(atlas):
    place = by_name(atlas, "Пансионат «Весна»", "tuapsinsky")[0]
    neighbour = by_name(atlas, "Пансионат «Гизельдере»", "tuapsinsky")[0]
    assert distance_km(place, neighbour) < 5


def test_homonyms_inside_a_municipality_are_all_there_with_ids_of_their_own(atlas):
    assert len(by_name(atlas, "Весёлый", "krymsky")) == 3
    for name, municipality in (("Ленинский", "krymsky"), ("Садовый", "krymsky"), ("Барановка", "sochi")):
        assert len({p.id for p in by_name(atlas, name, municipality)}) == 2


def test_no_settlement_lies_far_from_all_others_of_its_municipality(atlas):
    for municipality in atlas.municipalities:
        places = [p for p in atlas.settlements.values() if p.municipality == municipality]
        for place in places:
            assert min(distance_km(place, other) for other in places if other is not place) < 26, place


def distance_km(a, b):
    return 111.2 * hypot(a.lat - b.lat, (a.lon - b.lon) * cos(radians(a.lat)))


def test_municipality_of_a_settlement_comes_from_its_row(atlas):
    place = by_name(atlas, "Анапская", "anapa")[0]
    assert atlas.municipality_of(place).name == "Анапа"
    assert atlas.zone_of(place).name == "Черноморская экономическая зона"
    outside = next(iter(atlas.outside.values()))
    assert atlas.municipality_of(outside) is None
    assert atlas.zone_of(outside) is None


def test_centres_and_sums(atlas):
    for municipality in atlas.municipalities.values():
        centre = atlas.centre_of(municipality)
        assert centre.municipality == municipality.id
        assert (centre.lat, centre.lon) == (municipality.lat, municipality.lon)
        assert municipality.population_year
        assert municipality.source
        assert municipality.confidence in {"high", "medium", "medium-high", "low"}
    for zone in atlas.zones.values():
        inside = [m for m in atlas.municipalities.values() if m.zone == zone.id]
        assert zone.population == sum(m.population for m in inside)
        assert zone.area_km2 == pytest.approx(sum(m.area_km2 for m in inside), abs=0.1)
    assert 5_400_000 < sum(z.population for z in atlas.zones.values()) < 6_200_000
    assert len({z.colour for z in atlas.zones.values()}) == 7


def test_population_of_a_municipality_is_the_sum_of_its_settlements(atlas):
    for municipality in atlas.municipalities.values():
        registered = sum(
            p.population or 0
            for p in atlas.settlements.values()
            if p.municipality == municipality.id and not p.id.startswith(("gn-", "kk-"))
        )
        assert registered == pytest.approx(municipality.population, rel=0.005)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Ейский район", "yeysky"),
        ("Ейский", "yeysky"),
        ("Тимашевский р-н", "timashyovsky"),
        ("Тимашёвский", "timashyovsky"),
        ("городской округ Анапа", "anapa"),
        ("Анапский район", "anapa"),
        ("муниципальный округ город-курорт Анапа", None),
        ("город-курорт Анапа", "anapa"),
        ("Каневской район", "kanevskoy"),
        ("Каневский район", "kanevskoy"),
        ("Белоглинский р-н", "beloglinsky"),
        ("г. Горячий Ключ", "goryachy-klyuch"),
        ("Приморско-Ахтарский муниципальный округ", "primorsko-akhtarsky"),
        ("Азовский район", None),
    ],
)
def test_municipality_named(atlas, name, wanted):
    found = atlas.municipality_named(name)
    assert (found.id if found else None) == wanted


def test_zone_named(atlas):
    assert atlas.zone_named("Центральная экономическая зона") is atlas.zones["central"]
    assert atlas.zone_named("северная") is atlas.zones["northern"]
    assert atlas.zone_named("Западная") is None


def test_providers_serve_known_places(atlas):
    for provider in atlas.providers.values():
        assert provider.utility in {"water", "power", "gas", "heat"}
        for area in provider.areas:
            assert area.municipality in atlas.municipalities
            assert area.confidence
            for place_id in (*area.settlements, *area.exceptions):
                assert atlas.settlements[place_id].municipality == area.municipality
            assert not set(area.settlements) & set(area.exceptions)


def test_troitsky_main_serves_two_cities_and_leaves_out_what_its_notice_leaves_out(atlas):
    provider = atlas.providers["troitsky"]
    served = {atlas.settlements[i].name for area in provider.areas for i in area.settlements}
    excepted = {atlas.settlements[i].name for area in provider.areas for i in area.exceptions}
    assert {"Новороссийск", "Кабардинка", "Крымск", "Тонкий Мыс", "Неберджаевская", "Русское"} <= served
    assert excepted == {"Надежда", "Орджоникидзе", "Даманка"}
    assert "ТГВ" in provider.aliases


def test_neighbours_are_outside(atlas):
    regions = Counter(p.region for p in atlas.outside.values())
    assert regions["Республика Адыгея"] > 200
    assert regions["Ростовская область"] > 2000
    assert KRAI not in regions
    assert {"Майкоп", "Ростов-на-Дону", "Москва", "Сухум", "Керчь"} <= {p.name for p in atlas.outside.values()}


def test_radius_grows_with_the_cube_root_of_the_population():
    assert radius(0) == 800
    assert radius(988_000) == pytest.approx(12_000, abs=100)
    assert radius(46_000) == pytest.approx(4_300, abs=100)
    assert radius(10**8) == 15_000


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "settlements.csv").write_text("id,name\n1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"settlements\.csv"):
        load_atlas(tmp_path)


@pytest.mark.slow
def test_build_is_reproducible(tmp_path):
    pytest.importorskip("pymorphy3")
    pytest.importorskip("pyarrow")
    packages = [ROOT / ".cache/packages" / package.file for package in (registry.REGISTRY, registry.GEONAMES, yo.WKLS)]
    missing = [path.name for path in packages if not path.exists()]
    if missing:
        pytest.skip(f"not in .cache/packages: {', '.join(missing)}; `make data` downloads them")
    command = [sys.executable, "-m", "kubmap.atlas.build", "--out", str(tmp_path), "gazetteer"]
    subprocess.run(command, cwd=ROOT, check=True)
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (ROOT / "data/geo" / made.name).read_bytes(), made.name
