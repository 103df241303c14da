"""Floor 2: the concealed step."""
