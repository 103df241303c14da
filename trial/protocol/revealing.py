"""Rules: what tells a reader which arm a participant is in."""

from collections.abc import Iterable

from trial.protocol.forms import Form, RevealsArm
from trial.protocol.schema import Protocol

ARM = "participant.arm"
ADEQUATE = "record.adequate"


def tells(address: str, protocol: Protocol) -> bool:
    """Whether an address is the arm, or an item that gives it away by its own mark or its form's.

    Adequacy does when an item does that says what was examined. A derived value tells nothing by itself: see what it
    is `traced` to. Raises KeyError for an item that its form does not have.
    """
    if address == ADEQUATE:
        plan = protocol.assessments
        return plan is not None and item_tells(
            protocol.forms[plan.form], (each.done for each in plan.modalities)
        )
    name, _, item = address.partition(".")
    return item_tells(protocol.forms[name], [item]) if name in protocol.forms else address == ARM


def item_tells(form: Form, items: Iterable[str]) -> bool:
    """Whether one of these items of a form gives the arm away, by its own mark or its form's. Raises KeyError."""
    return any(form.reveals(form.item(item)) is not RevealsArm.NO for item in items)


def answer_tells(form: Form, items: Iterable[str]) -> bool:
    """Whether the form as a whole gives the arm away, or one of the items; a name that is no item of it does not."""
    known = {item.id for item in form.items}
    return form.reveals_arm is not RevealsArm.NO or item_tells(form, known.intersection(items))
