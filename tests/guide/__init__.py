"""The pictures in the guide for teams, made by playing it: `make guide`."""
