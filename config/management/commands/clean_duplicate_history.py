"""Door of the roof: refused, as `clean_old_history` is."""

from config.management.commands.clean_old_history import Command

__all__ = ["Command"]
