"""Rules of roles: what stands before a mention (and after it) tells the part that its place plays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import NamedTuple

from kubmap.atlas.asked import Asked
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.marks import CATCH, CATCHING, CAUGHT, RUN, TAKEN, TELLING
from kubmap.text.places import Mention, Role
from kubmap.text.placewords import place_words
from kubmap.text.railway import on_stretch
from kubmap.text.scan import Scan

_DASHES = frozenset({"—", "–", "-"})
_OFFICIAL = frozenset({"г", "россии", "рф", "по", "города", "краевого", "местной", "и"})


def token_at(scan: Scan, start: int) -> int:
    """The index of the token that begins at `start` (tokens are in order)."""
    return bisect_left(scan.starts, start)


class Look(NamedTuple):
    """A mention with what stands before it: `first` is its token, `before` up to six folded words of its clause."""

    scan: Scan
    mention: Mention
    first: int
    before: list[str]

    @property
    def end(self) -> int:
        """The token after the mention."""
        return token_at(self.scan, self.mention.end)


LEADS, LED, BORDER, NEARS = (1 << bit for bit in range(20, 24))
"""The word right before a mention may lead there (or after another word), is «с», ends a phrase for «near».

These bits are above the marks of texts, which are asked together with them.
"""
_OUTSIDE, _TREATED, _EXCEPT, _SOURCE, _HOME = (1 << bit for bit in range(24, 29))
"""The place lies outside the krai; the words before the mention have one for hospitals, exceptions, offices, people."""
_SCANNED = CATCH | RUN | TAKEN


class _Last(Asked[int]):
    """Word right before a mention -> what it may tell, as bits."""

    def tell(self, word: str) -> int:
        w = place_words()
        leads = LEADS if word == "на" or word in _ALONG or word in _OFF else LED if word in w.direction.tails else 0
        return leads | BORDER * (word == "с") | NEARS * (word in w.near.tails)


class _Before(Asked[int]):
    """Word of the few before a mention -> what it may tell, as bits."""

    def tell(self, word: str) -> int:
        words = place_words().words
        treated = words("roles", "treated", "towards") | words("roles", "treated", "places")
        home = words("roles", "home", "words") | words("roles", "home", "plural")
        kinds = {
            _TREATED: treated, _EXCEPT: words("roles", "exception", "words"),
            _SOURCE: words("roles", "source", "words"), _HOME: home,
        }  # fmt: skip
        return sum(bit for bit, known in kinds.items() if word in known)


LAST, _BEFORE = _Last(), _Before()


def role_of(scan: Scan, mention: Mention, first: int, before: list[str], hints: int) -> Role:
    """What the first rule that reads something says, else what the mention has already; `hints` are those of LAST."""
    asked = scan.mask & _SCANNED | hints
    if hints & LED and len(before) > 1 and before[-2] in scan.w.direction.last_but_one:
        asked |= LEADS
    if mention.kind == PlaceKind.OUTSIDE:
        asked |= _OUTSIDE
    if scan.mask & TELLING:
        asked = reduce(or_, map(_BEFORE.__getitem__, before), asked)
    rules = _ASKED[asked]
    if rules:
        look = Look(scan, mention, first, before)
        for rule in rules:
            role = rule(look)
            if role is not None:
                return role
    return mention.role


def _border(look: Look) -> Role | None:
    """«на границе с Адыгеей»: on this side of it."""
    before = look.before
    return Role.WEAK if before[-1:] == ["с"] and len(before) > 1 and before[-2].startswith("границ") else None


def _cause(look: Look) -> Role | None:
    """«из-за сбоя в Крыму»: the cause lies outside, what it did need not."""
    if look.mention.kind != PlaceKind.OUTSIDE:
        return None
    return Role.SOURCE if ("из", "за") in set(pairwise(look.before)) else None


def _treated(look: Look) -> Role | None:
    """«доставили в больницу Армавира», «отправили в СИЗО Краснодара»: not where it happened."""
    place = next((word for word in look.before[::-1] if word not in {"г", "города"}), "")
    if place in look.scan.w.words("roles", "treated", "towards"):
        return Role.DIRECTION
    if place not in look.scan.w.words("roles", "treated", "places"):
        return None
    taken = tuple(look.scan.w.sections["roles"]["treated"]["verbs"])
    return Role.DIRECTION if any(word.startswith(taken) for word in look.before) else None


def _exception(look: Look) -> Role | None:
    words = look.scan.w.words("roles", "exception", "words")
    return None if words.isdisjoint(look.before[-4:]) else Role.EXCEPTION


def _route(look: Look) -> Role | None:
    """«поезд Астрахань — Сочи», «автобус «Баку — Краснодар»»: both ends of a name with a dash, no road word."""
    on_way = _dashed(look) and _in_route(look) and not on_stretch(look.scan, look.mention.start)
    return Role.ROUTE if on_way else None


def _dashed(look: Look) -> bool:
    text, mention = look.scan.text, look.mention
    after = text[mention.end : mention.end + 3].strip()[:1]
    before = text[max(0, mention.start - 3) : mention.start].strip()[-1:]
    return after in _DASHES or before in _DASHES


def _in_route(look: Look) -> bool:
    words = look.scan.w.words("roles", "route", "words")
    return not words.isdisjoint(look.scan.folds[max(0, look.first - 8) : look.first])


def _source(look: Look) -> Role | None:
    """«ОМВД по г. Горячий Ключ», «глава Сочи», «полиция Новороссийска»."""
    tail = [word for word in look.before if word not in _OFFICIAL]
    if not tail or tail[-1] not in look.scan.w.words("roles", "source", "words"):
        return None
    last = len(look.before) - 1 - look.before[::-1].index(tail[-1])
    return Role.SOURCE if "в" not in look.before[last + 1 :] else None


def _home(look: Look) -> Role | None:
    """«64-летнего жителя ст-цы Тбилисской»; a group («жители Тихорецка») tells where it happened."""
    single = look.scan.w.words("roles", "home", "words")
    plural = look.scan.w.words("roles", "home", "plural")
    near = look.before[-3:]
    for at, word in enumerate(near[::-1]):
        between = near[len(near) - at :]
        if word in plural and all(map(_fits_between, between)):
            return Role.RESIDENTS if "из" not in between else Role.HOME
        if word in single and (not between or "из" in between or between[-1] in {"г", "города"}):
            return Role.HOME
    if look.before[-1:] == ["из"] and any(word in single for word in look.before):
        return Role.HOME
    return None


def _fits_between(word: str) -> bool:
    return word in {"г", "с", "х"} or (len(word) > 1 and word not in {"во", "под", "на", "из"})


def direction(look: Look) -> Role | None:
    """«в сторону ул. Школьной», «ехала из Краснодара», «до Темрюка»."""
    last = look.before[-1] if look.before else ""
    leads = last in _ALONG or look.scan.w.direction.end(look.before) or (last == "на" and _is_onto(look))
    leads = leads or (last in _OFF and look.mention.text[:6].lower() == "станци")
    if not leads or _is_at(last, look.before) or (look.scan.mask & TAKEN and _is_fled(look)):
        return None
    return None if look.mention.rule in _WATERS else Role.DIRECTION


_WATERS = frozenset({"river", "bridge"})
"""«через реку Кубань»: nobody goes there."""


def _is_fled(look: Look) -> bool:
    """«эвакуировали из Гуамского ущелья», «эвакуировали в станице Х»: people are brought away from there."""
    before = look.before
    if not any(word.startswith(_FLED) for word in before):
        return False
    return before[-1] == "из" or (before[-2].startswith("эвак") and not _is_accusative(look.mention))


_FLED = ("эвакуир", "вывез", "вывел")


def _goal(look: Look) -> Role | None:
    """«вывели ночью в станицу Х», «вывезли на вокзал Адлера»: people are brought there, not «в станице Х»."""
    verbs = tuple(look.scan.w.sections["roles"]["direction"]["verbs"])
    if look.before[-1:] not in _THERE or not any(word.startswith(verbs) for word in look.before[:-1]):
        return None
    return Role.DIRECTION if _is_accusative(look.mention) else None


_THERE = (["в"], ["на"])


def _is_accusative(mention: Mention) -> bool:
    """Whether the first word of a mention tells by its ending that it is where something goes."""
    head = fold(mention.text.split(" ")[0])
    if head.endswith(("у", "ю")):
        return True
    if mention.type_word is not None:
        return head == fold(mention.type_word)
    return head[-1] not in "аеиоыэя" and fold(mention.text) == fold(mention.name)


def _is_onto(look: Look) -> bool:
    return _accusative(look) and not any(word.startswith(_STRUCK) for word in look.before)


def _is_at(last: str, before: list[str]) -> bool:
    """At the beginning of the way that the words before speak of, and not on it."""
    if last in _INTO and any(word.startswith(_ACCESS) for word in before[-4:-1]):
        return True
    if last in _ONTO and len(before) > 2 and before[-2] in _LEADING and before[-3].startswith("котор"):
        return True
    if last == "через" and len(before) > 1 and before[-2].startswith(_PASSAGE):
        return True
    return last in _ONTO and any(word.startswith(_TURNING) for word in before[-3:-1])


_INTO, _ONTO, _ALONG = frozenset({"из", "в"}), frozenset({"на", "в", "к"}), frozenset({"из", "до", "через"})
_OFF = frozenset({"с", "со"})
"""«восстановительный поезд вышел со станции Крымская»."""
_ACCESS = ("въезд", "выезд", "съезд", "заезд")
"""«съезды из станицы закрыты», «въезд в город»: at it."""
_PASSAGE = ("проезд", "движени", "транзит")
"""«проезд через село закрыт»: in it."""
_TURNING = ("поворот", "развилк", "ответвлен", "ведущ")
"""«у поворота на станицу», «на дороге, ведущей в село»: near it."""
_LEADING = frozenset({"ведет", "ведут", "вела", "вели"})
"""«трассу, которая ведет в аул»: near it."""
_STRUCK = ("подач", "обруш", "дует", "дул", "надвиг", "напа", "упа", "нале", "атак", "рухн", "пада", "движется", "идет")
"""«обрушился на Джубгу», «ветер дует на Новороссийск»: it happened there."""


def _accusative(look: Look) -> bool:
    """«на Джубгу», «на Новороссийск»: towards; «на Кубани», «на Красной Поляне»: there."""
    mention = look.mention
    if mention.kind != PlaceKind.SETTLEMENT or mention.type_word is not None or mention.rule == "landmark":
        return False
    place = look.scan.atlas.settlements.get(mention.ids[0]) if mention.ids else None
    if place is not None and place.type == "место":
        return False
    word = fold(mention.text)
    return word.endswith(("у", "ю")) or word == fold(mention.name)


_CLAUSE = ".!?;:()…—,"
_CLAUSE_MARKS = frozenset(_CLAUSE)
_FOUND = ("тел", "труп", "останк", "пропав", "погибш", "утонув", "облом")
"""«тело нашли у хутора»: it happened there, nobody was caught."""


def _arrest(look: Look) -> Role | None:
    """«В Ростове задержали жителя края»: caught there; what he did may be elsewhere."""
    words = look.scan.w.words("roles", "arrest", "words")
    end = look.end
    after = look.scan.folds[end : end + 2]
    if not _CLAUSE_MARKS.isdisjoint(after):  # «у станции Шепси. Задержаны 14 поездов»
        after = after[: next(at for at, word in enumerate(after) if word in _CLAUSE_MARKS)]
    if any(word.startswith(_FOUND) for word in [*look.before, *after]):
        return None
    caught = not CAUGHT.isdisjoint(after)
    if look.mention.kind == PlaceKind.OUTSIDE and after and after[0].startswith(CATCHING):
        return Role.ARREST
    return Role.ARREST if caught or not words.isdisjoint(look.scan.before_within(look.first, 5, _CLAUSE)) else None


_ROLES = (
    (_border, BORDER), (_cause, _OUTSIDE), (_treated, _TREATED), (_exception, _EXCEPT), (_route, RUN),
    (_source, _SOURCE), (_home, _HOME), (direction, LEADS), (_goal, TAKEN),
    (_arrest, CATCH),
)  # fmt: skip
"""The rules in their order, each with what it needs to read anything."""


class _Asked(dict[int, tuple[Callable[[Look], Role | None], ...]]):
    """What is told of a mention, as bits -> the rules to ask: none at most mentions."""

    def __missing__(self, told: int) -> tuple[Callable[[Look], Role | None], ...]:
        found = self[told] = tuple(rule for rule, needed in _ROLES if needed & told)
        return found


_ASKED = _Asked()
