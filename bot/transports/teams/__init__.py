"""The coach in Microsoft Teams, through Microsoft's SDK. Loaded only where the configuration has a [teams] section."""

NAME = "teams"
