"""The terminal as a chat: people at a prompt (`terminal`), or JSON lines for other programs (`lines`).

Both share one database and one name.
"""

NAME = "console"
