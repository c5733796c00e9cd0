"""The library's calendar of the Netherlands. Rule: of its 250 countries this one alone is loaded.

Loading any country of it loads them all, which takes longer than reading the books. So while this one is loaded, theirs
is a package with nothing in it; who asks for another country after that finds the library whole.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from datetime import date
from types import ModuleType

import holidays

_COUNTRIES = "holidays.countries"


def _netherlands() -> Callable[..., Iterable[date]]:
    was, alone = sys.modules.get(_COUNTRIES), ModuleType(_COUNTRIES)
    alone.__path__ = [f"{folder}/countries" for folder in holidays.__path__]
    sys.modules[_COUNTRIES] = alone
    try:
        found: Callable[..., Iterable[date]] = importlib.import_module(f"{_COUNTRIES}.netherlands").Netherlands
    finally:
        del sys.modules[_COUNTRIES]
        if was is not None:
            sys.modules[_COUNTRIES] = was
    return found


_DAYS = _netherlands()


def days_of(year: int) -> frozenset[date]:
    """All public holidays of a year, those included on which people work."""
    return frozenset(_DAYS(years=year))
