"""The coach in Microsoft Teams. Loaded only where the configuration has a [teams] section."""

NAME = "teams"
