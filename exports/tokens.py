"""Rules and doors of floor 4: making, checking and using API tokens."""
