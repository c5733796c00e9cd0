"""Whether the catalogues say the same things, each in its language. Rule: what one has, all have, with the same names
to fill in.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from flows.catalogue import Catalogue, catalogues, load_catalogue


def catalogue_faults() -> list[str]:
    """Every difference between the catalogues that is no translation, a line each: file, key, what."""
    found = [load_catalogue(language) for language in catalogues()]
    faults: list[str] = []
    for one in found:
        faults += dict.fromkeys(fault for other in found if other is not one for fault in differences(one, other))
    return faults


def differences(one: Catalogue, other: Catalogue) -> Iterator[str]:
    """What `one` misses that `other` has, and where its texts ask for other names."""
    file = f"{one.language}.toml"
    for key, text in other.texts.items():
        if key not in one.texts:
            yield f"{file}: {key}: this text is missing"
        elif bool(one.texts[key]) != bool(text):
            yield f"{file}: {key}: is {'not ' if one.texts[key] else ''}empty, unlike in {other.language}.toml"
        elif missing := fields(text) - fields(one.texts[key]):
            yield f"{file}: {key}: does not say {{{'}, {'.join(sorted(missing))}}}"
    for key, words in other.lists.items():
        if key not in one.lists or (words and not one.lists[key]):
            yield f"{file}: {key}: these words are missing"


def fields(text: str) -> set[str]:
    """The names that are filled in in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
