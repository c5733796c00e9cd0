"""Inputs made up by a machine: `targets` are what is fed, `mutate` makes inputs of others, `corpus/` holds those that
found something to see, and `python -m tests.fuzz` looks for more, guided by what they reach.
"""
