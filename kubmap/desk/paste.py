"""A pasted text -> teasers: one of them or a page, with what is no news left out and told. Pure.

Blank lines, bullets and «…» separate teasers; the line breaks of wrapped text do not. A headline in front of a teaser
becomes its title. Nothing is lost silently: what becomes no teaser is among `left_out`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kubmap.desk import furniture
from kubmap.desk.fields import LONGEST_TEXT
from kubmap.desk.values import LeftOut
from kubmap.domain import Moment
from kubmap.errors import InputError

MAX_BYTES = 1_000_000
"""Of a page, in UTF-8."""
MAX_TEASERS = 300
"""Of one paste."""
HEADLINE = 160
"""Characters of the longest line that may be a headline."""
WRAPPED = 200
"""Text whose lines are longer is not wrapped: each of its lines is a paragraph."""
LEAST = 30
"""Characters of the shortest teaser that «…» in the middle of a line ends."""

_BREAKS = re.compile(r"\r\n?|[\n\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\s]+")
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of a pair: no database keeps them."""
_BULLET = re.compile(r"(?:[•‣◦▪●○■□◆►▶✓✔➤→*·]\s*|[—–-]\s+)(?=\S)")
_DASHES = "—–-*·"
_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_TERMINAL = re.compile(r"[.!?…][»\"”)\]]*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[»\"”)\]]*$")
_INNER = re.compile(r"(?:…|\.\.\.)[»\"”)\]]*\s+(?=[«\"„]?[A-ZА-ЯЁ0-9])")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A teaser: `line` (1-based) is where it begins, `published` the date in front of it where the year is told."""

    text: str
    title: str | None = None
    published: Moment | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Split:
    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Line:
    """A line that may be news; `begins`: a bullet or a date in front says that a teaser begins here."""

    number: int
    text: str
    begins: bool = False
    published: Moment | None = None


@dataclass(slots=True)
class _Paragraph:
    number: int
    text: str
    begins: bool = False
    published: Moment | None = None

    @property
    def ends_teaser(self) -> bool:
        return bool(_ELLIPSIS.search(self.text))

    @property
    def is_headline(self) -> bool:
        return len(self.text) <= HEADLINE and not _TERMINAL.search(self.text) and self.text[-1:] not in ";,:"


@dataclass(slots=True)
class _Page:
    """Blocks of lines between blank ones, and what was left out so far."""

    blocks: list[list[_Line]] = field(default_factory=lambda: [[]])
    left_out: list[LeftOut] = field(default_factory=list)
    stamp: Moment | None = None
    fresh: bool = False
    dashes: int = 0
    """How many lines begin with a dash: several are a list."""

    def leave(self, number: int, text: str, why: str) -> None:
        self.left_out.append(LeftOut(text, why, number))

    def end_block(self) -> None:
        if self.blocks[-1]:
            self.blocks.append([])


def split(text: str) -> Split:
    """The teasers of a text, in order.

    Raises InputError that names the limit, for a text of more than 1 MB, a teaser that is too long or too many of them.
    """
    _check_characters(text)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InputError("Текст больше 1 МБ: вставьте его по частям.", field="text")
    page = _read_lines(_BREAKS.split(text))
    whole = _join_titles([_pieces(_paragraphs(block)) for block in page.blocks if block])
    pieces = list(_worth(whole, page))
    _check(pieces)
    return Split(tuple(pieces), tuple(sorted(page.left_out, key=lambda each: each.line)))


def _check_characters(text: str) -> None:
    found = _IMPOSSIBLE.search(text)
    if found is not None:
        line = len(_BREAKS.findall(text, 0, found.start())) + 1
        told = f"Строка {line}: знак, которого в тексте быть не может (U+{ord(found[0]):04X}). Удалите его."
        raise InputError(told, line=line, field="text")


def _check(pieces: Sequence[Piece]) -> None:
    if len(pieces) > MAX_TEASERS:
        told = f"Сообщений {len(pieces)}, а за один раз можно {MAX_TEASERS}: вставьте страницу по частям."
        raise InputError(told, field="text")
    for piece in pieces:
        if len(piece.text) > LONGEST_TEXT:
            told = f"Строка {piece.line}: сообщение длиннее {LONGEST_TEXT} знаков ({len(piece.text)}). Разделите его."
            raise InputError(told, line=piece.line, field="text")


# lines


def _read_lines(raw: Sequence[str]) -> _Page:
    page = _Page(dashes=sum(line.lstrip()[:2] in {"— ", "– ", "- "} for line in raw))
    menus = _menu_lines(raw)
    expected = 1
    for number, given in enumerate(raw, start=1):
        text = given.strip()
        if not _INVISIBLE.sub("", text):
            page.end_block()
            continue
        why = furniture.words_of("menu") if number in menus else furniture.why_left_out(text)
        if why is not None:
            page.leave(number, text, why)
            page.end_block()
            continue
        expected = _take(page, number, text, expected)
    return page


def _take(page: _Page, number: int, text: str, expected: int) -> int:
    """Add a line to the page without its bullet, date and button; returns the number that a list goes on with."""
    before = page.blocks[-1][-1] if page.blocks[-1] else None
    counted = _NUMBER.match(text)
    listed = counted is not None and int(counted[1]) == expected
    bullet = counted if listed else _bullet(text, before, listed=page.dashes > 1)
    if bullet is not None:
        text = text[bullet.end() :]
    begins = bullet is not None
    stamp = furniture.stamp(text)
    if stamp is not None:
        page.leave(number, text[: stamp.end].strip(), furniture.words_of("stamp"))
        page.stamp, page.fresh = stamp.moment, True
        text = text[stamp.end :].strip()
        if not text:
            page.end_block()
            return expected
    cut = furniture.tail(text)
    if cut < len(text):
        page.leave(number, text[cut:].strip(), furniture.words_of("tail"))
        text = text[:cut]
    if text:
        line = _Line(number, text, begins=begins or page.fresh, published=page.stamp if page.fresh else None)
        page.fresh = False
        page.blocks[-1].append(line)
    if cut < len(text):
        page.end_block()
    return expected + 1 if listed else expected


def _bullet(text: str, before: _Line | None, *, listed: bool) -> re.Match[str] | None:
    """A lonely dash is one only after a line that ends a sentence: «Кропоткин / — Краснодар» is wrapped text."""
    found = _BULLET.match(text)
    if found is None or text[0] not in _DASHES or before is None or listed:
        return found
    return found if before.begins or _TERMINAL.search(before.text) or before.text[-1:] in ":;" else None


def _menu_lines(raw: Sequence[str]) -> set[int]:
    """Numbers of the lines of menus: three or more of a few words each, one under the other."""
    found: set[int] = set()
    run: list[int] = []
    for number, given in enumerate([*raw, ""], start=1):
        text = given.strip()
        if text and furniture.is_menu_item(text) and not furniture.stamp(text) and not _BULLET.match(text):
            run.append(number)
            continue
        if len(run) >= furniture.MENU_ITEMS:
            found.update(run)
        run = []
    return found


# paragraphs


def _paragraphs(block: Sequence[_Line]) -> list[_Paragraph]:
    """Lines of a block with the breaks of wrapped text taken out."""
    width = max(len(line.text) for line in block)
    made: list[_Paragraph] = []
    parts: list[str] = []
    last: _Line | None = None
    for line in block:
        if last is not None and _goes_on(last, line, width):
            parts.append(line.text)
        else:
            _close(made, parts)
            made.append(_Paragraph(line.number, "", line.begins, line.published))
            parts = [line.text]
        last = line
    _close(made, parts)
    return [each for paragraph in made for each in _cut_at_ellipses(paragraph)]


def _close(made: list[_Paragraph], parts: list[str]) -> None:
    if made:
        made[-1].text = " ".join(parts)


def _goes_on(above: _Line, below: _Line, width: int) -> bool:
    """Whether a line break is one of wrapped text: the sentence goes on, and the next word did not fit."""
    if below.begins or _ELLIPSIS.search(above.text):
        return False
    if below.text[0].islower() or (below.text[0] in _DASHES and not _TERMINAL.search(above.text)):
        return True
    if width > WRAPPED:
        return False
    word = below.text.split(maxsplit=1)[0]
    return len(above.text) + 1 + len(word) > width


def _cut_at_ellipses(paragraph: _Paragraph) -> Iterator[_Paragraph]:
    """«Авария произошла… Жертвами схемы стали…»: two teasers of one line."""
    text, start = paragraph.text, 0
    begins, published = paragraph.begins, paragraph.published
    for found in _INNER.finditer(text):
        part = text[start : found.end()].strip()
        quoted = part.count("«") > part.count("»")
        if len(part) < LEAST or len(text) - found.end() < LEAST or quoted:
            continue
        yield _Paragraph(paragraph.number, part, begins, published)
        start, begins, published = found.end(), True, None
    yield _Paragraph(paragraph.number, text[start:].strip(), begins, published)


# pieces


@dataclass(slots=True)
class _Draft:
    title: _Paragraph | None = None
    body: list[_Paragraph] = field(default_factory=list)

    @property
    def first(self) -> _Paragraph:
        return self.title or self.body[0]


def _pieces(paragraphs: Iterable[_Paragraph]) -> list[_Draft]:
    """Paragraphs of a block put together: a headline or a bullet begins a teaser, «…» ends it."""
    found: list[_Draft] = []
    closed = True
    for paragraph in paragraphs:
        if paragraph.is_headline:
            found.append(_Draft(title=paragraph))
            closed = False
            continue
        alone = paragraph.ends_teaser and bool(found and found[-1].body)
        if closed or alone or (paragraph.begins and (found[-1].body or found[-1].title is None)):
            found.append(_Draft(body=[paragraph]))
        else:
            found[-1].body.append(paragraph)
        closed = paragraph.ends_teaser
    return found


def _join_titles(blocks: Iterable[list[_Draft]]) -> Iterator[_Draft]:
    """A headline that stands alone in its block is the title of the teaser under it."""
    waiting: _Draft | None = None
    for block in blocks:
        for at, draft in enumerate(block):
            if waiting is not None:
                if at == 0 and draft.title is None:
                    draft.title = waiting.title
                else:
                    yield waiting
                waiting = None
            if draft.body:
                yield draft
            else:
                waiting = draft
    if waiting is not None:
        yield waiting


def _worth(drafts: Iterable[_Draft], page: _Page) -> Iterator[Piece]:
    """Drafts as pieces, without those that are too short or said before on this page."""
    seen: set[str] = set()
    for draft in drafts:
        body = draft.body or [draft.title] if draft.title else draft.body
        text = "\n".join(each.text for each in body if each)
        title = draft.title.text if draft.title and draft.body else None
        first = draft.first
        plain = " ".join(text.casefold().split())
        whole = f"{title}\n{text}" if title else text
        if len(_WORD.findall(text[:LONGEST_TEXT])) < 2:
            page.leave(first.number, whole, furniture.words_of("short"))
        elif plain in seen:
            page.leave(first.number, whole, furniture.words_of("repeat"))
        else:
            seen.add(plain)
            published = next((each.published for each in (draft.title, *draft.body) if each and each.published), None)
            yield Piece(text, title, published, first.number)
