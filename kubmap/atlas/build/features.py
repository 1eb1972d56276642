"""GeoJSON files (RFC 7946) with a feature a line, so that a change shows in a diff."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import shapely

from kubmap.atlas.build.planar import Shape


def write(path: Path, features: Iterable[tuple[Mapping[str, Any], Shape]]) -> None:
    """Write (properties, WGS 84 geometry) pairs; the coordinates are written as they are."""
    lines = [_line(properties, shape) for properties, shape in features]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _line(properties: Mapping[str, Any], shape: Shape) -> str:
    geometry = json.loads(shapely.to_geojson(shape))
    feature = {"type": "Feature", "properties": dict(properties), "geometry": geometry}
    if "id" in properties:
        feature = {"type": "Feature", "id": properties["id"], **feature}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
