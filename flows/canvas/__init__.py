"""The canvas that people look at, as one model of words. Rule: pure; `bot.render` draws it and reads nothing else."""

from flows.canvas.alt import alt_text, caption
from flows.canvas.building import build
from flows.canvas.form import Canvas

__all__ = ["Canvas", "alt_text", "build", "caption"]
