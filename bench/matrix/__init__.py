"""The coach in Matrix beside a bare echo bot."""
