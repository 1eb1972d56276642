"""Text of people for XML: no characters that XML 1.0 forbids, no markup where a reader would take it as such."""

from __future__ import annotations

import html
import re

_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]"
)
"""XML 1.0, 2.2 Characters; the control characters that it discourages, which readers take for letters of another
encoding; and what turns the direction of the text that follows."""


def clean(text: str) -> str:
    """The text without what XML forbids."""
    return _FORBIDDEN.sub("", text)


def title(text: str) -> str:
    """A title that is no markup even for readers that take titles as HTML."""
    return clean(text).replace("<", "‹").replace(">", "›")


def markup(text: str) -> str:
    """The text as HTML, for elements that readers take as HTML (RSS description)."""
    return html.escape(clean(text), quote=False).replace("\n", "<br>\n")
