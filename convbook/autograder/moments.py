"""Moments as people and platforms write them, and the time zone that a course names once.

Nobody's spelling is guessed at: what can be read in two ways, or says no time of day, is refused with a sentence.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from convbook.autograder.course import Course, CourseError

# Names of zones that mean one thing everywhere; CST, IST and others mean several. The course's own are always known.
ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "KST": 9, "JST": 9, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1}
ZONES |= {"EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "HST": -10, "MEZ": 1, "MESZ": 2}
KOREAN = (("오전", " AM "), ("오후", " PM "), ("년", "-"), ("월", "-"), ("일", " "), ("시", ":"), ("분", ":"), ("초", " "))
LONGEST = 100  # characters


class NoMoment(ValueError):
    """A text that says no moment; its own text says what must hold."""


def zone_of(course: Course) -> tzinfo | None:
    """The zone that the course names in `c.Exchange.timezone`; None where it names none. CourseError for an unknown one."""
    name = course.config.get("Exchange", {}).get("timezone", "")
    if not name:
        return None
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise CourseError(
            f"c.Exchange.timezone in nbgrader_config.py must be the name of a zone, as 'Asia/Seoul'. Received: {name!r}"
        ) from None


def moment(text: str, zone: tzinfo | None) -> datetime:
    """The moment that a text says, in its own zone or else in this one; NoMoment where it says none, or could say two."""
    from dateutil.parser import ParserError, parse

    plain = as_written(text)
    first, second = datetime(1996, 1, 1, 0, 0), datetime(2000, 12, 31, 11, 11)  # what is lacking comes from either
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a zone that dateutil does not know would be left out
            read = [parse(plain, default=one, dayfirst=is_dotted(plain), tzinfos=named_zone(zone)) for one in (first, second)]
    except (ParserError, ValueError, TypeError, OverflowError, ArithmeticError, LookupError, AttributeError, Warning):
        raise NoMoment(
            f"A time must be written as 2026-03-02 18:00, with or without +09:00. Received: {text[:LONGEST]!r}"
        ) from None
    if read[0].replace(second=0, microsecond=0) != read[1].replace(second=0, microsecond=0):
        raise NoMoment(f"A time must have a year, a day and a time of day. Received: {text[:LONGEST]!r}")
    found = read[0]
    if found.tzinfo is not None:
        return found
    if zone is None:
        raise NoMoment(
            f"A time must say its zone, as 2026-03-02 18:00 +09:00. Received: {text[:LONGEST]!r}. "
            "Or name the course's: c.Exchange.timezone = 'Asia/Seoul' in nbgrader_config.py"
        )
    return found.replace(tzinfo=zone)


def as_written(text: str) -> str:
    """A text as dateutil reads it: Korean words are replaced, and days that could be months are refused."""
    plain = " ".join(text[: LONGEST + 1].split())
    if len(plain) > LONGEST:
        raise NoMoment(f"A time must have at most {LONGEST} characters. Received: {plain[:30]!r}…")
    if re.search(r"[가-힣]", plain):
        for word, sign in KOREAN:
            plain = plain.replace(word, sign)
        plain = re.sub(r"\s*-\s*", "-", re.sub(r"\s*:\s*(?=\d)", ":", plain)).replace(": ", " ").strip(": ")
        plain = re.sub(r"(AM|PM)\s+(\d{1,2}(?::\d{2}){0,2})", r"\2 \1", plain)
    slashed = re.search(r"(?<!\d)(\d{1,2})/(\d{1,2})/\d{2,4}", plain)
    if slashed and slashed[1] != slashed[2] and max(int(slashed[1]), int(slashed[2])) <= 12:
        raise NoMoment(f"A date must be written as 2026-03-02: this one could be of two months. Received: {text[:LONGEST]!r}")
    return plain


def is_dotted(text: str) -> bool:
    """Whether a date is written as in German, 2.3.2026: the day comes first."""
    return re.match(r"(?:\w+,?\s+)?\d{1,2}\.\s*\d{1,2}\.\s*\d{2,4}", text) is not None


def named_zone(zone: tzinfo | None):
    """What dateutil asks for the name of a zone: those of the course's own first."""

    def asked(name: str | None, offset: int | None) -> tzinfo | None:
        """The zone of this name, or so many seconds before UTC; None where the text names none."""
        if offset is not None or name is None:
            return None if offset is None else timezone(timedelta(seconds=offset))
        own = zone and {datetime(2026, month, 1, tzinfo=zone).tzname() for month in (1, 7)}
        if zone is not None and name in own:
            return zone
        return timezone(timedelta(hours=ZONES[name]))  # a LookupError is answered with a sentence

    return asked


def in_utc(when: datetime) -> datetime:
    """A moment as nbgrader keeps it: in UTC, and without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def shown(when: datetime, zone: tzinfo | None) -> str:
    """One of nbgrader's moments as the course's people read it: 2026-03-02 18:00 KST."""
    return f"{when.replace(tzinfo=UTC).astimezone(zone or UTC):%Y-%m-%d %H:%M %Z}"
