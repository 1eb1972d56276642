"""`kubmap parse` and `kubmap compare`: JSON lines in, JSON lines out, in order, on all cores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kubmap.console import EXIT_CODES, STDIO, RejectsFile, err, reading, writing

if TYPE_CHECKING:
    from kubmap.workers import Make

app = typer.Typer()

InFile = Annotated[Path, typer.Argument(help="JSON lines; - for standard input.", allow_dash=True)]
OutFile = Annotated[Path, typer.Option("-o", "--output", help="Where the answers go; - for standard output.")]
Jobs = Annotated[
    int | None,
    typer.Option("-j", "--jobs", help="Processes for a large input; all cores if not given.", min=1, max=256),
]


@app.command(epilog=EXIT_CODES)
def parse(source: InFile, output: OutFile = STDIO, rejects: RejectsFile = None, jobs: Jobs = None) -> None:
    """Read teasers, one JSON object a line: category, times, casualties, places, one location with its reasons."""
    from kubmap.workers import parsing

    _batch(source, output, rejects, jobs, parsing)


@app.command(epilog=EXIT_CODES)
def compare(source: InFile, output: OutFile = STDIO, rejects: RejectsFile = None, jobs: Jobs = None) -> None:
    """Judge pairs of teasers, one JSON object a line: the same event or not, with a score and reasons."""
    from kubmap.workers import comparing

    _batch(source, output, rejects, jobs, comparing)


def _batch(source: Path, output: Path, rejects: Path | None, jobs: int | None, make: Make) -> None:
    from kubmap.geocode.batch import encode
    from kubmap.workers import cores, run

    bad = 0
    with reading(source) as (lines, size), writing(output) as good, writing(rejects) as aside:
        for answers in run(lines, make, jobs=jobs or cores(), size=size):
            good.write(answers.good)
            for item in answers.rejects:
                bad += 1
                aside.write(encode(item.as_dict()))
                if rejects is None:
                    err().print(f"line {item.line}: {item.reason}", highlight=False, markup=False)
    if bad:
        where = f"set aside in {rejects}" if rejects else "left out; name a file with --rejects to keep them"
        err().print(f"{bad} line(s) {where}.")
        raise typer.Exit(1)
