"""The ways into a team's chat, one module or package each, behind one protocol (`base`)."""
