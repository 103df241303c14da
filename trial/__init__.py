"""Floor 0: who, where, under which protocol."""
