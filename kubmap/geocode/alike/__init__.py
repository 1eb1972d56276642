"""Rules of likeness: each looks at one thing of two events and returns a log-odds weight with a note, or None.

Every rule is symmetric. None stands for "the tellings give nothing to judge by", which is common: most teasers leave
something out. Weights are of the order of what each kind of agreement is worth between two stories of one week; they
were set by reasoning and checked on tests/golden/pairs.txt (a ridge fit of one factor a rule does no better there).
"""

from __future__ import annotations

from kubmap.geocode.alike.details import age, dead, injured, make, numbers, target, theme, vehicle
from kubmap.geocode.alike.kind import category, planned, stage
from kubmap.geocode.alike.said import Rule
from kubmap.geocode.alike.when import dates, published, since, time, undated
from kubmap.geocode.alike.where import km, place, road, street
from kubmap.geocode.alike.words import names, nothing, words

RULES: tuple[Rule, ...] = (
    category, stage, planned, time, dates, published, since, undated, place, street, road, km, dead, injured, age,
    numbers, make, vehicle, target, theme, names, words, nothing,
)  # fmt: skip
