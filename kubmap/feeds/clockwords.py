"""Days and clocks in words, told at a moment: «сегодня, 27 ноября», «22:00 6 мая (вчера)», midnight as 24:00."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kubmap.domain import MOSCOW
from kubmap.feeds import words

_DAY = timedelta(days=1)
_NEAR = {-1: "вчера", 0: "сегодня", 1: "завтра"}


def clock(moment: datetime) -> str:
    """«6:00», Moscow time."""
    local = moment.astimezone(MOSCOW)
    return f"{local.hour}:{local.minute:02d}"


def ending(moment: datetime) -> tuple[date, str]:
    """Day and clock of an end: midnight is 24:00 of the day before."""
    told, day = clock(moment), moment.astimezone(MOSCOW).date()
    return (day - _DAY, "24:00") if told == "0:00" else (day, told)


def today(now: datetime) -> date:
    return now.astimezone(MOSCOW).date()


def near(day: date, now: datetime) -> str | None:
    """«вчера», «сегодня», «завтра»; None of other days."""
    return _NEAR.get((day - today(now)).days)


def dated(day: date, now: datetime) -> str:
    """«27 ноября», of another year with the year."""
    return words.day_words(day, year=day.year != today(now).year)


def day_words(day: date, now: datetime) -> str:
    """«сегодня, 27 ноября»."""
    told = near(day, now)
    return f"{told}, {dated(day, now)}" if told else dated(day, now)


def moment_words(moment: datetime, now: datetime, *, exact: bool = True, end: bool = False) -> str:
    """«22:00 6 мая (сегодня)»; not `exact`: only the day."""
    day, told = ending(moment) if end else (moment.astimezone(MOSCOW).date(), clock(moment))
    close = near(day, now)
    dated_ = f"{dated(day, now)} ({close})" if close else dated(day, now)
    return f"{told} {dated_}" if exact else dated_


def stamp(moment: datetime) -> str:
    """«12:00 27 ноября 2021»: good for a page that is printed, or read again another day."""
    return f"{clock(moment)} {words.day_words(moment.astimezone(MOSCOW).date(), year=True)}"


def at(preposition: str, moment: datetime, now: datetime, *, exact: bool = True, end: bool = False) -> str:
    """«в 24:00 27 ноября (вчера)», of a day «27 ноября (вчера)»."""
    told = moment_words(moment, now, exact=exact, end=end)
    return f"{preposition} {told}" if exact else told


def until(moment: datetime, now: datetime) -> str:
    """«24:00», of another day «2:00 28 ноября»: for a short line."""
    day, told = ending(moment)
    return told if day == today(now) else f"{told} {dated(day, now)}"


def since(moment: datetime, now: datetime, *, exact: bool = True) -> str:
    """«сегодня с 6:00», «завтра с 6:00», «27 ноября с 6:00», not `exact` «завтра»."""
    day = moment.astimezone(MOSCOW).date()
    told = near(day, now) or dated(day, now)
    return f"{told} с {clock(moment)}" if exact else told
