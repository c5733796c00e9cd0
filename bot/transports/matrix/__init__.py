"""The coach in Matrix rooms, through matrix-nio. Loaded only where the configuration has a [matrix] section."""

NAME = "matrix"

# Under this key every content of the coach says what it is: kind, step and key; a sign says only its key.
OWN = "nl.opschaalcoach"
# The type of a room that `check` makes to try how fast the coach may post. A coach that runs passes over it.
TRIAL = f"{OWN}.check"
