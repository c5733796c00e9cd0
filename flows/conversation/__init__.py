"""The conversation: events in, changes and effects out. `engine` is the only door."""
