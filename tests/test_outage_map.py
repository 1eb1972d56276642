"""What lies under the small maps of outages: drawn shape by shape in plain loops, the ground is the same."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from kubmap.atlas.atlas import load_atlas
from kubmap.web import outagemap
from kubmap.web.outageground import HEIGHT, WIDTH, Frame, base, land
from tests.notices import indexed, notice

KRAI = Frame(45.2, 38.9, 45.0)
DISTRICT = Frame(44.93, 37.99, 330.0)
TOWN = Frame(44.93, 37.99, 2_000.0)
FRAMES = {"krai": KRAI, "district": DISTRICT, "town": TOWN}
OPEN_SEA = Frame(43.6, 36.0, 2_000.0)
CLOSED = {"land", "district on", "lake"}
KINDS = ("land", "district on", "district", "lake", "river", "road")


def layers(frame, whole):
    atlas = load_atlas()
    under = base(atlas.folder)
    detail = "low" if frame.km > 180 else "mid" if frame.km > 90 else "high"
    outlines = atlas.areas.outlines("municipalities", detail=detail)
    return {
        "land": under.land,
        "district on": [each for key, each in zip(outlines.ids, outlines.shapes, strict=True) if key in whole],
        "district": under.borders[detail],
        "lake": under.lakes,
        "river": under.rivers,
        "road": under.main_roads if frame.km > 180 else under.roads,
    }


def lines(shape, *, closed):
    """The lines of a shape, of polygons the rings."""
    for part in getattr(shape, "geoms", [shape]):
        if not closed:
            yield part
        elif part.geom_type == "Polygon" and not part.is_empty:  # an islet that the simplifying swallowed
            yield part.exterior
            yield from part.interiors


def path(shapes, frame, *, closed):
    drawn = []
    for shape in shapes:
        inside = shapely.clip_by_rect(shape, *frame.box)
        if inside.is_empty:
            continue
        for line in lines(inside.simplify(0.7 / frame.scale, preserve_topology=False), closed=closed):
            points = [tuple(np.rint(frame.point(lat, lon)).astype(int).tolist()) for lon, lat in line.coords]
            told = [each for at, each in enumerate(points) if at == 0 or each != points[at - 1]]
            drawn.append("M" + " ".join(f"{x},{y}" for x, y in told) + "z" * closed)
    return "".join(drawn)


def paths(svg):
    return dict(re.findall(r'<path class="([a-z ]+)" d="([^"]+)"/>', svg))


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("all_on", [False, True], ids=["none on", "all on"])
def test_all_layers_at_once_are_each_shape_by_itself(name, all_on):
    frame, atlas = FRAMES[name], load_atlas()
    whole = frozenset(atlas.municipalities) if all_on else frozenset()
    drawn = "".join(land(frame, atlas, whole))
    expected = {
        kind: found
        for kind, shapes in layers(frame, whole).items()
        if (found := path(shapes, frame, closed=kind in CLOSED))
    }
    assert list(expected) == [kind for kind in KINDS if kind in expected]  # what is painted later lies above
    assert "land" in expected
    assert ("district on" in expected) is all_on
    assert paths(drawn) == expected
    assert list(paths(drawn)) == list(expected)


def test_where_there_is_nothing_is_sea_alone():
    assert (
        "".join(land(OPEN_SEA, load_atlas(), frozenset())) == f'<rect class="sea" width="{WIDTH}" height="{HEIGHT}"/>'
    )


def test_a_map_is_well_formed_and_keeps_near_its_frame():
    text = "В Крымском районе 27 ноября с 6:00 до 24:00 отключат воду: плановые работы на водопроводе."
    index = indexed(notice(text))
    (found,) = index.notices.values()
    svg = outagemap.svg(outagemap.draw(found, load_atlas()))
    told = {kind: drawn for kind, drawn in paths(svg).items() if kind in KINDS}
    assert "district on" in told
    for drawn in told.values():
        assert re.fullmatch(r"(?:M-?\d+,-?\d+(?: -?\d+,-?\d+)*z?)+", drawn)
        numbers = np.array([int(each) for each in re.findall(r"-?\d+", drawn)]).reshape(-1, 2)
        assert (numbers >= -12).all()
        assert (numbers <= (WIDTH + 12, HEIGHT + 12)).all()
