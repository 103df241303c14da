"""Rules room of floor 0: the protocol as data."""
