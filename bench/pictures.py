"""What looking costs: the overview in words, a picture anew and kept, the report; and what a turn costs meanwhile.

Rule: the worker is warm, as it is in a coach that runs; each picture drawn anew has another text in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter

from bench import table
from bench.team import Team
from bot.render.worker import Worker
from flows.canvas import Canvas, build
from flows.conversation import overview
from flows.conversation.draft import Draft
from flows.conversation.engine import Engine
from flows.conversation.snapshot import Snapshot
from flows.summary import summarise

TIMES = 30
