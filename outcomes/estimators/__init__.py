"""Rules rooms of floor 3: frame in, estimate out; each held to numbers computed by others."""
