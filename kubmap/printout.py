"""An explanation on a terminal: the words that were read underlined, tables of rules, mentions and candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from kubmap.domain import Location, Reason
from kubmap.geocode.explain import Explanation, Scored, Source, Weighed
from kubmap.geocode.reading import iso
from kubmap.text.places import STORY

if TYPE_CHECKING:
    from kubmap.desk.plan import Opened, Plan
    from kubmap.desk.preview import Shown

MAX_TOKENS, MAX_CANDIDATES = 400, 6
CONTEXT = 24
"""Characters shown on either side of the words that a rule read."""
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if code != 0x0A} | dict.fromkeys(
    (0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD
)
"""Characters that would steer a terminal (escapes, direction marks) -> visible ones, one for one."""
_STYLES = {"word": "", "number": "cyan", "mark": "dim"}


def show(console: Console, explanation: Explanation) -> None:
    """Print an explanation; text of the teaser is never read as markup."""
    for heading, body in _sections(explanation):
        console.print(Rule(Text(heading, "bold"), align="left", style="dim"))
        console.print(Padding(body, (0, 0, 1, 1)))


def _sections(explanation: Explanation) -> Iterator[tuple[str, RenderableType]]:
    reasons = explanation.reading.reasons
    for source in explanation.sources:
        yield source.name.capitalize(), underlined(source.text, _spans(reasons, source.name))
        yield f"Tokens of the {source.name}", _tokens(source)
        if source.frame:
            yield "Frame", _frame(source)
    yield "Facts", _facts(explanation)
    yield "Rules fired", _fired(explanation.sources, reasons)
    yield "Places named", _mentions(explanation.mentions)
    yield "Candidates of the location", _candidates(explanation.mentions)
    yield "Why here", _why(explanation)


def plain(words: str, style: str = "") -> Text:
    """Text of a teaser: no markup, nothing that steers the terminal, as long as it was."""
    return Text(words.translate(_CONTROLS), style)


def underlined(text: str, spans: Iterable[tuple[int, int]]) -> Text:
    """The text with every span underlined."""
    shown = plain(text)
    for start, end in spans:
        shown.stylize("underline bold", start, end)
    return shown


def _spans(reasons: Iterable[Reason], source: str) -> list[tuple[int, int]]:
    return [(r.start, r.end) for r in reasons if r.source == source and r.start is not None and r.end is not None]


def _tokens(source: Source) -> Text:
    shown = Text(" ").join(plain(token.text, _STYLES.get(token.kind, "")) for token in source.tokens[:MAX_TOKENS])
    left = len(source.tokens) - MAX_TOKENS
    return Text.assemble(shown, (f"  … and {left} more", "dim")) if left > 0 else shown


def _frame(source: Source) -> RenderableType:
    if source.frame is None:
        return Text("none")
    frame = source.frame
    rows = [("dateline", frame.dateline), ("main part", frame.main)]
    rows += [("recalled", span) for span in frame.recalls] + [("tail", span) for span in frame.tails]
    table = _table("part", "span", "words")
    for name, span in rows:
        words = source.text[slice(*span)] if span else "—"
        table.add_row(name, "{}–{}".format(*span) if span else "", plain(_short(words)))
    table.add_row("sentences", str(len(frame.sentences)), "")
    return table


def _facts(explanation: Explanation) -> RenderableType:
    reading, hurt = explanation.reading, explanation.reading.casualties
    scores = sorted(explanation.scores.items(), key=lambda item: -item[1])
    said = ", ".join(f"{name.value} {score:.1f}" for name, score in scores if score > 0)
    table = _table("fact", "value")
    table.add_row("category", Text(f"{reading.category.value}  ({said or 'no cue'})"))
    if explanation.words is not None:
        likely = sorted(explanation.words.items(), key=lambda item: -item[1])[:3]
        table.add_row("by its words", ", ".join(f"{name.value} {share:.2f}" for name, share in likely))
    table.add_row("scheduled", _or_dash(reading.is_scheduled))
    table.add_row("starts", _or_dash(iso(reading.starts_at)))
    table.add_row("ends", _or_dash(iso(reading.ends_at)))
    people = (("dead", hurt.dead), ("injured", hurt.injured), ("children", hurt.children))
    table.add_row("casualties", ", ".join(f"{name} {_or_dash(count)}" for name, count in people))
    return table


def _fired(sources: Sequence[Source], reasons: Sequence[Reason]) -> RenderableType:
    texts = {source.name: source.text for source in sources}
    table = _table("rule", "read", "note")
    for reason in reasons:
        table.add_row(Text(reason.rule), _in_context(texts.get(reason.source, ""), reason), plain(reason.note))
    return table


def _in_context(text: str, reason: Reason) -> Text:
    if reason.start is None or reason.end is None:
        return Text("—", "dim")
    low, high = max(0, reason.start - CONTEXT), min(len(text), reason.end + CONTEXT)
    shown = underlined(text[low:high].replace("\n", " "), [(reason.start - low, reason.end - low)])
    return Text.assemble("…" if low else "", shown, "…" if high < len(text) else "")


def _mentions(mentions: Sequence[Weighed]) -> RenderableType:
    if not mentions:
        return Text("none")
    table = _table("words", "kind", "role", "rule", "may mean")
    for weighed in mentions:
        m = weighed.mention
        role = m.role.value if m.relation.value == "within" else f"{m.role.value}, {m.relation.value}"
        names = list(dict.fromkeys(_named(each) for each in weighed.candidates))
        more = f" … {len(names) - 3} more" if len(names) > 3 else ""
        where = f"{m.text}  [{m.source} {m.start}–{m.end}]"
        table.add_row(plain(where), m.kind.value, role, m.rule, plain(("; ".join(names[:3]) or m.name or "—") + more))
    return table


def _candidates(mentions: Sequence[Weighed]) -> RenderableType:
    table = _table("score", "candidate", "of the words", "because")
    for weighed in mentions:
        scored = [each for each in weighed.candidates if each.score is not None]
        style = "" if weighed.mention.role in STORY else "dim"
        for each in scored[:MAX_CANDIDATES]:
            words = plain(f"{weighed.mention.text} [{weighed.mention.role.value}]")
            table.add_row(f"{each.score:.2f}", plain(_named(each)), words, plain(_because(each)), style=style)
        if len(scored) > MAX_CANDIDATES:
            table.add_row("", Text(f"… and {len(scored) - MAX_CANDIDATES} more", "dim"), "", "")
    return table if table.row_count else Text("nothing had to be weighed")


def _because(scored: Scored) -> str:
    return scored.note or ", ".join(f"{weight.note} {weight.value:+.2f}" for weight in scored.weights)


def _named(scored: Scored) -> str:
    apart = scored.municipality and scored.municipality != scored.label
    return f"{scored.label} ({scored.municipality})" if apart else scored.label


def _why(explanation: Explanation) -> RenderableType:
    reading, tried = explanation.reading, explanation.tried
    lines = [Text.assemble(("winner   ", "bold"), plain(_place(reading.location)))]
    notes = dict.fromkeys(reason.note for reason in reading.reasons if reason.rule.startswith("where:"))
    lines += [Text.assemble(("because  ", "bold"), plain(note)) for note in notes]
    lines += [Text.assemble(("lost     ", "bold"), plain(f"{a.score:.2f}  {_place(a.location)}: {a.why}"))
              for a in reading.alternatives]  # fmt: skip
    passed = f" (had nothing to say: {', '.join(tried[:-1])})" if tried[:-1] else ""
    lines.append(Text.assemble(("rule     ", "bold"), tried[-1] if tried else "—", (passed, "dim")))
    return Group(*lines)


def _place(location: Location | None) -> str:
    if location is None:
        return "no location"
    point = "no pin" if location.lat is None else f"{location.lat:.4f}, {location.lon:.4f}"
    radius = "" if location.radius_m is None else f" ± {location.radius_m / 1000:.1f} km"
    return f"{location.label}: {point}{radius} ({location.precision.value}, {location.method})"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in {"rule", "part", "fact", "score", "kind"})
    return table


def _short(words: str) -> str:
    words = words.replace("\n", " ")
    return words if len(words) <= 120 else f"{words[:80]} … {words[-35:]}"


def _or_dash(value: object) -> str:
    return "—" if value is None else str(value)


def rows_shown(console: Console, opened: Opened, plan: Plan, rows: Iterable[Shown]) -> None:
    """How a file would be read: what its columns mean, and its first rows."""
    from kubmap.desk.mapping import label_of  # noqa: PLC0415  explaining a teaser needs no desk

    for column, name in zip(opened.header, plan.fields, strict=False):
        console.print(plain(f"{column}: {label_of(plan.kind, name) if name else '—'}"))
    table = _table("line", "what", "place", "streets", "when", "wrong")
    for row in rows:
        cells = (str(row.line), row.what, row.place, row.streets, row.when, row.issue)
        table.add_row(*(plain(cell, "red" if at == 5 else "") for at, cell in enumerate(cells)))
    console.print(table)
