"""The method and the conversation: pure.

No asyncio, no clock, no network, no database; only loading a book reads files.
"""
