"""Cron expressions as crontab(5) means them, which is not quite what APScheduler's own reader makes of them.

APScheduler numbers weekdays from Monday, crontab from Sunday; it joins day of month and day of week with "and",
crontab with "or". Weekdays are therefore turned into names here, and a line that names both kinds of day is refused.
"""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Final

from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]  # it has no types

_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXAMPLE: Final = '"15 2 * * *" (minute, hour, day of month, month, day of week)'


def cron_trigger(text: str, zone: tzinfo) -> CronTrigger:
    """The trigger of a crontab line of five fields. Raises ValueError with the cure."""
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"{text!r} is no cron expression; write five fields such as {_EXAMPLE}")
    minute, hour, day, month, weekday = fields
    if not day.startswith("*") and not weekday.startswith("*"):
        raise ValueError(f"{text!r} names days of the month and of the week; name one kind, and * for the other")
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month.lower(), day_of_week=_weekdays(weekday), timezone=zone
        )
    except (ValueError, TypeError):
        raise ValueError(f"{text!r} is no cron expression; write one such as {_EXAMPLE}") from None


def every_hour(text: str) -> bool:
    """Whether the line runs in every hour, so that an hour that the clock shows twice has its runs twice."""
    return text.split()[1] == "*"


def _weekdays(field: str) -> str:
    """Crontab's weekdays by name: 0 and 7 are Sunday.

    >>> _weekdays("1-5"), _weekdays("0,6"), _weekdays("5-7"), _weekdays("*")
    ('mon-fri', 'sun,sat', 'fri-sun', '*')
    """
    parts = []
    for part in field.lower().split(","):
        span, slash, step = part.partition("/")
        if slash and span != "*":
            raise ValueError
        named = re.sub(r"\d+", lambda found: _DAYS[int(found[0])] if int(found[0]) < len(_DAYS) else "?", span)
        first, dash, last = named.partition("-")
        if dash and first == "sun":  # a week of APScheduler ends with Sunday
            named = "sun" if last == "sun" else f"sun,mon-{last}"
        parts.append(f"{named}{slash}{step}")
    return ",".join(parts)
