"""A sentence as letters of casualties.toml, and the people that a run of its letters counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

from kubmap.text.frame import Span
from kubmap.text.letters import LETTERS, numbers
from kubmap.text.tokens import Layout

_TEN = 10  # «двадцать два» are two numbers
_ADULT = 18  # years
_TOLD = frozenset("DdIiej")

_NOUN = re.compile(r"[Ao]{0,2}([PKsch])")
_INCLUDING = re.compile(
    r"[,;-]o{0,2}W+-?(?P<named>(?:[NM]A?[Kc]|A?[Kc])(?:&(?:[NM]?[PKsc]))?)(?:[,-])?"
    r"|[,;&-]?(?P<of>[NM])oW-?o{0,2}[Kc]"
    r"|W[dij]-?(?P<among>(?:[NM]A?)?[Kc])"
)
_SURVIVED = re.compile(r"I(?:[oB]{0,2}&|,oW)o?(?=D(?!o{0,2}[NMAscPKhr]))")


class Coded(NamedTuple):
    """A sentence as letters: `letters[n]` stands for the token of number `tokens[n]`."""

    letters: str
    tokens: Sequence[int]
    layout: Layout

    def value(self, at: int) -> int:
        """What the number at a letter N or M says."""
        said = self._said(at)
        tens = self._said(at - 1) if at and self.letters[at - 1] == "N" else 0
        return said + tens if said < _TEN < tens and not tens % _TEN else said

    def _said(self, at: int) -> int:
        word = self.layout.folds[self.tokens[at]]
        return int(word[:6]) if word.isdecimal() else numbers().get(word, 0)

    def span(self, first: int, end: int) -> Span:
        """Characters of letters[first:end]."""
        return self.layout.starts[self.tokens[first]], self.layout.ends[self.tokens[end - 1]]


def code(layout: Layout, first: int, end: int) -> Coded:
    """Letters of a sentence; an age («36-летний», «30 лет») is no number of people, but may tell a child."""
    letters = list(map(LETTERS.__getitem__, layout.folds[first:end]))
    if "Y" not in letters and "y" not in letters:
        return Coded("".join(letters), list(compress(range(first, end), letters)), layout)
    tokens: list[int] = []
    young = False
    for number, letter in enumerate(letters, first):
        if letter == "y":
            young = True
        elif letter == "Y":
            if tokens and letters[tokens[-1] - first] == "N":
                young = _is_young(layout, tokens.pop(), number)
        elif letter:
            letters[number - first] = "c" if young and letter == "s" else letter
            young = young and letter == "A"
            tokens.append(number)
    return Coded("".join([letters[number - first] for number in tokens]), tokens, layout)


def _is_young(layout: Layout, number: int, noun: int) -> bool:
    """Whether a number before «-летний» is the age of a child."""
    age = layout.folds[number]
    return layout.folds[noun].startswith("летн") and age.isdecimal() and int(age[:3]) < _ADULT


def people_in(coded: Coded, start: int, end: int) -> tuple[int, int]:
    """People and children among them in letters[start:end]."""
    people = children = 0
    at = start
    while at < end:
        letter = coded.letters[at]
        if letter in "Nej" and coded.letters.startswith(("NN", "es", "ec", "js", "jc"), at):
            at += 1  # the second one counts
            continue
        if letter in "NM":
            count = coded.value(at)
            noun = _NOUN.match(coded.letters, at + 1, end)
            people += count
            children += count if noun and noun[1] in "Kc" else 0
            at = noun.end() if noun else at + 1
            continue
        people += letter in "schPKrbejp"
        children += letter == "c"
        at += 1
    return people, children


def included(coded: Coded) -> tuple[Coded, int]:
    """«…, включая двоих детей, …», «…, двое из них — дети»: the sentence without it, and the children that it names."""
    found = _INCLUDING.search(coded.letters) if "W" in coded.letters else None
    if not found:
        return coded, 0
    group = found.lastgroup or ""
    children = coded.value(found.start("of")) if group == "of" else people_in(coded, *found.span(group))[1]
    told = not _TOLD.isdisjoint(coded.letters)
    return _without(coded, *found.span()), children if told else 0


def _without(coded: Coded, start: int, end: int) -> Coded:
    letters, tokens = coded.letters, coded.tokens
    return Coded(letters[:start] + letters[end:], [*tokens[:start], *tokens[end:]], coded.layout)


def fatal(coded: Coded) -> Coded:
    """«получил травмы, от которых скончался», «пострадал и умер»: the sentence without the injury."""
    found = _SURVIVED.search(coded.letters) if "I" in coded.letters and "D" in coded.letters else None
    return _without(coded, *found.span()) if found else coded
