"""`kubmap explain`: what it shows is what the reading was made of."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from rich.console import Console

from kubmap.atlas.atlas import Atlas, load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.explain import Explanation, explain, explanation_json
from kubmap.geocode.reading import moment_of, read_teaser, reading_json
from kubmap.printout import show, underlined

TEXT = (
    "КРАСНОДАР, 5 мая — ТАСС. На 1362-м км М-4 «Дон» столкнулись три автомобиля, двое пострадали. "
    "Ранее сообщалось о пожаре в Ейске."
)
HOMONYM = "Пожар произошёл в хуторе Октябрьском Северского района: сгорел жилой дом."
HOSTILE = "Пожар в [bold red]Ейске[/bold red] [/x] \x1b[31m\x07\u202e: сгорел дом [link=http://a.b]там[/link]."


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


def explained(text: str, atlas: Atlas, title: str | None = None) -> Explanation:
    return explain(Teaser("1", text, title, moment_of("2021-05-06", "published")), atlas)


def printed(explanation: Explanation) -> str:
    console = Console(file=io.StringIO(), width=160, force_terminal=False)
    show(console, explanation)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [TEXT, HOMONYM, "", "Свод правил приняли.", "В Ростове-на-Дону сгорел склад."])
def test_it_explains_the_very_reading_that_parse_writes(text: str, atlas: Atlas) -> None:
    explanation = explained(text, atlas, "ДТП на М-4")
    assert reading_json(explanation.reading) == reading_json(read_teaser(explanation.reading.teaser, atlas))  # type: ignore[arg-type]
    json.dumps(explanation_json(explanation))


def test_the_rule_that_answered_is_the_last_one_tried(atlas: Atlas) -> None:
    explanation = explained(TEXT, atlas)
    assert explanation.tried[-1] == "road_km"
    assert "where:road_km" in {reason.rule for reason in explanation.reading.reasons}


@pytest.mark.parametrize("text", [TEXT, HOMONYM])
def test_the_parts_of_a_score_are_its_sum_and_the_best_comes_first(text: str, atlas: Atlas) -> None:
    weighed = [each.candidates for each in explained(text, atlas).mentions]
    scored = [each for row in weighed for each in row if each.weights]
    assert scored
    for each in scored:
        assert sum(weight.value for weight in each.weights) == pytest.approx(each.score)
    for row in weighed:
        scores = [each.score for each in row if each.score is not None]
        assert scores == sorted(scores, reverse=True)


def test_a_homonym_is_decided_by_the_district_and_the_loser_is_shown(atlas: Atlas) -> None:
    row = next(each for each in explained(HOMONYM, atlas).mentions if each.mention.name == "Октябрьский")
    assert len(row.candidates) > 5
    assert row.candidates[0].municipality == "Северский район"
    assert "district" in {weight.feature for weight in row.candidates[0].weights}


def test_the_frame_and_the_tokens_cover_the_text(atlas: Atlas) -> None:
    source = explained(TEXT, atlas).sources[0]
    assert all(TEXT[token.start : token.end] == token.text for token in source.tokens)
    assert source.frame is not None
    assert source.frame.dateline is not None
    assert TEXT[slice(*source.frame.tails[0])].strip().startswith("Ранее")


def test_the_page_has_every_section_and_the_winner(atlas: Atlas) -> None:
    page = printed(explained(TEXT, atlas, "ДТП на М-4"))
    for heading in ("Text", "Tokens of the text", "Frame", "Title", "Facts", "Rules fired", "Places named",
                    "Candidates of the location", "Why here"):  # fmt: skip
        assert f"{heading} ─" in page
    assert "winner   М-4, 1362-й км" in page
    assert "dateline" in page


def test_words_that_a_rule_read_are_underlined() -> None:
    shown = underlined("Пожар в Ейске", [(0, 5)])
    assert [(span.start, span.end) for span in shown.spans if "underline" in str(span.style)] == [(0, 5)]


def test_a_teaser_cannot_style_or_steer_the_terminal(atlas: Atlas) -> None:
    page = printed(explained(HOSTILE, atlas))
    assert "[bold red]Ейске[/bold red] [/x]" in page
    assert "\x1b" not in page
    assert "\x07" not in page
    assert "\u202e" not in page


def kubmap(*args: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kubmap", *args], input=given, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_takes_an_argument_or_standard_input_and_writes_json() -> None:
    given = kubmap("explain", TEXT, "--title", "ДТП на М-4", "--published", "2021-05-06", "--json")
    assert given.returncode == 0, given.stderr
    answer = json.loads(given.stdout)
    assert set(answer) == {"reading", "sources", "category_scores", "category_words", "mentions", "location_rules"}
    assert answer["reading"]["location"]["km"] == 1362
    piped = kubmap("explain", "-", given=HOMONYM)
    assert piped.returncode == 0, piped.stderr
    assert "Why here" in piped.stdout


def test_a_date_that_is_none_is_wrong_usage() -> None:
    done = kubmap("explain", TEXT, "--published", "вчера")
    assert done.returncode == 2
    assert "published" in done.stderr
