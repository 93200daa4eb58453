"""What one cell of a list says: a date, a number, yes or no, a vendor. Where it would be a guess: ValueError.

The text of each ValueError is the end of a sentence: the caller puts file, row and column before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal

Order = Literal["auto", "iso", "dmy", "mdy", "ymd", "excel"]
"""How a file writes dates: day, month or year first, ISO 8601, or Excel's count of days."""

_ISO: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+\d{1,2}:\d\d.*)?", re.A)
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.A)
_NUMERIC: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)(?:[T ,]+\d{1,2}:\d\d.*)?", re.A)
_TIME: Final = r"(?:[T ,]+\d{1,2}:\d\d.*)?"
_NAMED: Final = (
    re.compile(r"(?P<day>\d{1,2})[-\s./]*(?P<month>[a-z]{3,9})\.?[-\s./,]*(?P<year>\d{4}|\d\d)" + _TIME, re.I | re.A),
    re.compile(
        r"(?P<month>[a-z]{3,9})\.?[-\s]*(?P<day>\d{1,2})(?:st|nd|rd|th)?[-\s,]+(?P<year>\d{4})" + _TIME,
        re.I | re.A,
    ),
)
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DIGITS_LOST: Final = re.compile(r"\d+(?:[.,]\d+E\+?\d+|E\+\d+)|\d{16,}\.0+", re.I | re.A)
_ERROR_VALUE: Final = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|NULL!|NUM!|DIV/0!|SPILL!|CALC!)", re.I)
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(20_000, 110_000)
_TEXT_DAYS: Final = range(32_874, 73_051)
_GUARD: Final = re.compile(r'^=\s*"(?P<inner>[^"]*)"$')
_YES_NO: Final = {
    "yes": "yes", "y": "yes", "true": "yes", "1": "yes",
    "no": "no", "n": "no", "false": "no", "0": "no",
}  # fmt: skip


def text(cell: str) -> str:
    r"""The words of a cell: white space straightened, a text guard (`="X"`, or `'` before a sign) taken off.

    >>> text(' ="00123" '), text("'=1+1"), text("a\n b")
    ('00123', '=1+1', 'a b')
    """
    words = " ".join(cell.split())
    if guarded := _GUARD.match(words):
        return guarded["inner"].strip()
    return words[1:] if len(words) > 1 and words[0] == "'" and words[1] in "=+-@" else words


def identity(cell: str) -> str:
    """`text` of a cell whose every sign counts: the `'` that forces text in a spreadsheet goes before any sign.

    >>> identity("'00123")
    '00123'
    """
    words = text(cell)
    return words[1:] if re.match(r"'[^\s']", words) else words


def refuse_spoilt(words: str) -> None:
    """Raise ValueError for what a spreadsheet spoilt: dropped digits (1.23457E+16), an error value (#N/A)."""
    if _DIGITS_LOST.fullmatch(words):
        raise ValueError(f"{words!r} has lost its digits to a spreadsheet")
    if _ERROR_VALUE.fullmatch(words):
        raise ValueError(f"{words!r} is a spreadsheet's error, not a value")


def yes_no(words: str) -> str:
    """The word `yes` or `no` for the ways people write it."""
    try:
        return _YES_NO[words.casefold()]
    except KeyError:
        raise ValueError(f"{words!r} is neither yes nor no") from None


def count(words: str) -> str:
    """A whole number, 0 or more, without a workbook's `.0`.

    >>> count("2.0")
    '2'
    """
    if not re.fullmatch(r"\d{1,12}(?:\.0+)?", words, re.A):
        raise ValueError(f"{words!r} is no whole number")
    return str(int(words.partition(".")[0]))


def identifier(name: str) -> str:
    """A vendor's or source's name as an id: lower case, one underscore for anything else.

    >>> identifier("Juniper Networks, Inc.")
    'juniper_networks_inc'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def day_order(cells: Iterable[str]) -> Order:
    """Whether *cells*, the dates of one file, put day or month first; `iso` where none raises the question.

    Raises ValueError where they contradict each other or leave it open: a guess would move ends by months.
    """
    found: dict[str, str] = {}
    for cell in cells:
        if match := _NUMERIC.fullmatch(cell):
            if len(match[4]) == 2:
                raise ValueError(f"{cell!r} has a year of two digits")
            found.setdefault(_says(int(match[1]), int(match[3])), cell)
    if "dmy" in found and "mdy" in found:
        raise ValueError(f"{found['dmy']!r} puts the day first, {found['mdy']!r} the month")
    if "dmy" in found:
        return "dmy"
    if "mdy" in found:
        return "mdy"
    if "open" in found:
        raise ValueError(f"{found['open']!r} may have day or month first, and no date of the file tells")
    return "dmy" if found else "iso"


def looks_like_date(words: str) -> bool:
    """Whether a cell is written as dates are; numbers are not taken for a count of days."""
    return any(form.fullmatch(words) for form in (_ISO, _NUMERIC, *_NAMED))


def teller(cells: Iterable[str], order: Order) -> str:
    """The first of *cells* that only *order* can read, "" where none can tell.

    >>> teller(["05/04/2027", "31/12/2026"], "dmy")
    '31/12/2026'
    """
    return next(
        (cell for cell in cells if (m := _NUMERIC.fullmatch(cell)) and _says(int(m[1]), int(m[3])) == order), ""
    )


def iso_date(words: str, order: Order, *, number: bool = False) -> str:
    """The date in *words* as YYYY-MM-DD; ISO dates and English month names are understood under every order.

    *number* says that the cell held a number: in a date column, Excel's count of days since 1899-12-30. Five digits of
    text are that count too where they fall between 1990 and 2100: no other way of writing a date looks so.
    A time of day is dropped.

    >>> iso_date("31/03/2027", "dmy"), iso_date("31-MAR-27", "iso"), iso_date("46477", "excel")
    ('2027-03-31', '2027-03-31', '2027-03-31')
    """
    try:
        day = _date(words, order, number=number)
    except (ValueError, OverflowError):
        raise ValueError(f"{words!r} is no date ({_FORMS[order]})") from None
    if day.year < 1980:
        raise ValueError(f"{words!r} is before 1980")
    return day.isoformat()


_FORMS: Final = {
    "auto": "read are 2026-12-31 and 31-Dec-2026",
    "iso": "read are 2026-12-31 and 31-Dec-2026",
    "dmy": "this file puts the day first: read are 31/12/2026, 2026-12-31 and 31-Dec-2026",
    "mdy": "this file puts the month first: read are 12/31/2026, 2026-12-31 and 31-Dec-2026",
    "ymd": "this file puts the year first: read are 2026-12-31, 26/12/31 and 31-Dec-2026",
    "excel": "read are Excel's count of days, 2026-12-31 and 31-Dec-2026",
}


def _date(words: str, order: Order, *, number: bool) -> date:
    if match := _ISO.fullmatch(words):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if re.fullmatch(r"\d{5,6}(?:\.\d+)?", words, re.A):
        days = int(float(words))
        if days in (_EXCEL_DAYS if number or order == "excel" else _TEXT_DAYS):
            return _EXCEL_EPOCH + timedelta(days)
        raise ValueError(words)
    if match := _COMPACT.fullmatch(words):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.fullmatch(words):
        return _numeric(match, order)
    for form in _NAMED:
        if match := form.fullmatch(words):
            return date(_year(match["year"]), _month(match["month"]), int(match["day"]))
    raise ValueError(words)


def _numeric(match: re.Match[str], order: Order) -> date:
    """A date of three numbers, under the file's order."""
    first, second, year = int(match[1]), int(match[3]), _year(match[4])
    if order == "dmy":
        return date(year, second, first)
    if order == "mdy":
        return date(year, first, second)
    if order == "ymd" and len(match[1]) == len(match[4]) == 2:
        return date(2000 + first, second, int(match[4]))
    raise ValueError(match[0])


def _says(first: int, second: int) -> str:
    if first > 12 >= second:
        return "dmy"
    if second > 12 >= first:
        return "mdy"
    return "same" if first == second else "open"


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _month(name: str) -> int:
    start = "sep" if name.lower() == "sept" else name.lower()
    found = [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(start)]
    if len(found) != 1:
        raise ValueError(name)
    return found[0]
