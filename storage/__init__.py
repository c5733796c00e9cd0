"""What the coach keeps, in one SQLite file.

Rule: only `writer` writes; what to write is decided in flows, when in bot.
"""
