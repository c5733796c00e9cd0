"""The coach in Microsoft Teams, through Microsoft's SDK. Loaded only where the configuration has a [teams] section."""

NAME = "teams"

# Under this key the data of every button says whose it is: kind, step and key of its message.
OWN = "nl.opschaalcoach"
