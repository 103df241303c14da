"""How far a result may be from its reference, in one place; when a number differs, find out why."""

# relative, for closed forms: the references carry 15 digits
CLOSED_FORM = 1e-9
