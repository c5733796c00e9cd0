"""Typst: from a canvas and a template to PNG or PDF. Runs in the worker's process only.

Rule: a canvas goes in as one string of JSON, and templates show strings; none of it is code. `sys_inputs` is passed on
every call, for Typst's default keeps those of the call before: another room's. No file and no package can be read: the
root is an empty folder.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from typing import Any

import typst

from bot.render import fonts, sources

STANDARDS = ["a-2a", "ua-1"]


@cache
def _root() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="opschaalcoach-")


@cache
def _compiler() -> typst.Compiler:
    family = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in fonts.folders()]
    )
    root = _root().name
    return typst.Compiler(root=root, font_paths=family, package_path=root, package_cache_path=root)


def showable(value: Any) -> Any:
    """The data with every text as the fonts can show it."""
    if isinstance(value, str):
        return fonts.showable(value)
    if isinstance(value, Mapping):
        return {key: showable(one) for key, one in value.items()}
    return [showable(one) for one in value] if isinstance(value, list) else value


def png(name: str, data: Mapping[str, Any], layout: str, ppi: float) -> bytes:
    """A template's one page as PNG; at 72 ppi a point is a pixel."""
    return _set(name, data, layout, format="png", ppi=ppi)


def pdf(name: str, data: Mapping[str, Any], layout: str, timestamp: int) -> bytes:
    """A tagged PDF for archives (PDF/A-2a) and screen readers (PDF/UA-1); `timestamp` is when it was made, in seconds
    since 1970.
    """
    return _set(name, data, layout, format="pdf", pdf_standards=STANDARDS, timestamp=timestamp)


def _set(name: str, data: Mapping[str, Any], layout: str, **how: Any) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False), "layout": layout}
    made = _compiler().compile(input=sources.template(name).encode(), sys_inputs=inputs, **how)
    if not isinstance(made, bytes):
        raise TypeError(f"The template {name} made more than one page.")
    return made
