"""Rules: what must hold between visits, their forms and the assessments asked for at them."""

from collections.abc import Iterator

from trial.protocol.forms import ItemType
from trial.protocol.naming import of_type, unique, unknown
from trial.protocol.problems import Fault, Path
from trial.protocol.schedule import AssessmentPlan, ModalityKind, Visit
from trial.protocol.schema import Protocol


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every rule of the schedule that the protocol breaks, addresses apart."""
    yield from unique([visit.id for visit in protocol.visits], ("visits",))
    for number, visit in enumerate(protocol.visits):
        path: Path = ("visits", number)
        for place, form in enumerate(visit.forms):
            yield from unknown(form, protocol.forms, (*path, "forms", place), "form")
        yield from _time(visit, path)
        yield from _modalities(visit, protocol.assessments, path)
    shown = {form for visit in protocol.visits for form in visit.forms}
    for form in protocol.forms:
        if form not in shown:
            yield Fault(("forms", form, "form"), "no visit has this form", "Add it to `forms:` of a visit")
    if protocol.assessments:
        yield from _assessments(protocol.assessments, protocol)


def _time(visit: Visit, path: Path) -> Iterator[Fault]:
    if visit.target_day is not None and visit.target_month is not None:
        yield Fault((*path, "target_month"), "the visit has two targets", "Keep target_day or target_month")
    if visit.has_target and (visit.unscheduled or visit.repeats):
        yield Fault(
            path, "an unscheduled or repeating visit has no target", "Remove the target, or the other mark"
        )
    if visit.window and not visit.has_target:
        yield Fault((*path, "window"), "a window needs a target", "Add target_day or target_month")
    if visit.window and not visit.window[0] <= 0 <= visit.window[1]:
        remedy = "Write days before as a negative number, days after as a positive one: [-14, 14]"
        yield Fault((*path, "window"), "the window does not hold its target", remedy)


def _modalities(visit: Visit, plan: AssessmentPlan | None, path: Path) -> Iterator[Fault]:
    known = [modality.id for modality in plan.modalities] if plan else []
    path = (*path, "modalities")
    yield from unique(visit.modalities, path, key="")
    for number, modality in enumerate(visit.modalities):
        yield from unknown(modality, known, (*path, number), "modality")
    if visit.modalities and plan and plan.form not in visit.forms:
        remedy = f"Add `{plan.form}` to `forms:`, or remove the modalities"
        yield Fault(path, f"the visit lacks the form of the assessments, `{plan.form}`", remedy)


def _assessments(plan: AssessmentPlan, protocol: Protocol) -> Iterator[Fault]:
    path: Path = ("assessments",)
    yield from unique([modality.id for modality in plan.modalities], (*path, "modalities"))
    if not any(modality.kind is ModalityKind.EXAMINATION for modality in plan.modalities):
        remedy = "Write `kind: examination` in one of them"
        yield Fault((*path, "modalities"), "without an examination no assessment is adequate", remedy)
    yield from unknown(plan.form, protocol.forms, (*path, "form"), "form")
    if plan.form in protocol.forms:
        form = protocol.forms[plan.form]
        yield from of_type(form, plan.on, ItemType.DATE, (*path, "on"))
        for number, modality in enumerate(plan.modalities):
            place = (*path, "modalities", number)
            yield from of_type(form, modality.done, ItemType.YESNO, (*place, "done"))
            if modality.on is not None:
                yield from of_type(form, modality.on, ItemType.DATE, (*place, "on"))
