"""kubmap: news teasers of Krasnodar Krai become dated, honestly located records on a map.

The names below load what they need at their first use, so that `import kubmap` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["KubanGeocoder", "__version__", "parse"]

if TYPE_CHECKING:
    from kubmap.geocode.geocoder import KubanGeocoder
    from kubmap.geocode.reading import parse


def __getattr__(name: str) -> Any:
    if name == "parse":
        from kubmap.geocode.reading import parse

        return parse
    if name == "KubanGeocoder":
        from kubmap.geocode.geocoder import KubanGeocoder

        return KubanGeocoder
    raise AttributeError(name)
