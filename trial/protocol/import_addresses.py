"""Rules: every expression of imports.yaml fits the columns it reads and the item, site or arm it fills."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from trial.protocol.expressions import Kind, parse
from trial.protocol.form_consistency import ordered
from trial.protocol.forms import Item
from trial.protocol.imports import (
    Column,
    ColumnType,
    FormMapping,
    Given,
    ImportPlan,
    ImportSite,
    ParticipantMapping,
    placeholders,
)
from trial.protocol.naming import reserved, unknown
from trial.protocol.problems import Fault, Path, nearest
from trial.protocol.schema import Protocol
from trial.protocol.scopes import KIND_OF_ITEM, Scope, codes_of

_WIDER = {Kind.DECIMAL: (Kind.DECIMAL, Kind.INTEGER), Kind.PARTIAL_DATE: (Kind.PARTIAL_DATE, Kind.DATE)}
_RECODED = (Kind.TEXT, Kind.INTEGER)


def faults(plan: ImportPlan, protocol: Protocol) -> Iterator[Fault]:
    """Every part of the mapping that cannot work, whatever the rows hold."""
    basis = [*_columns(plan), *_sites(plan)]
    kinds = {f"parameter.{each.id}": Kind(each.type) for each in protocol.parameters}
    kinds |= {name: Kind(column.type) for name, column in plan.columns.items()}
    basis += _facts(plan, kinds)
    yield from basis
    # The rest reads the facts: one faulty fact would be reported again for each of its uses.
    if not basis:
        yield from _uses(plan, protocol, Scope(kinds, _codes(plan)))


def _codes(plan: ImportPlan) -> Mapping[str, Collection[str]]:
    return {name: column.codes for name, column in plan.columns.items() if column.codes}


def _columns(plan: ImportPlan) -> Iterator[Fault]:
    for name, column in plan.columns.items():
        path: Path = ("imports", "columns", name)
        yield from reserved(name, path)
        if column.range:
            yield from ordered(column.range, (*path, "range"))
            if column.type not in {ColumnType.INTEGER, ColumnType.DECIMAL}:
                yield Fault(
                    (*path, "range"), f"a column of type {column.type} has no range", "Remove the range"
                )
    yield from unknown(plan.row_key, plan.columns, ("imports", "row_key"), "column")
    if plan.columns.get(plan.row_key, Column(type=ColumnType.TEXT)).optional:
        message = "the key of a participant may be empty"
        yield Fault(("imports", "columns", plan.row_key, "optional"), message, "Remove `optional`")


def _sites(plan: ImportPlan) -> Iterator[Fault]:
    codes = [site.code for site in plan.sites]
    for number, site in enumerate(plan.sites):
        path: Path = ("imports", "sites", number)
        if site.code in codes[:number]:
            yield Fault((*path, "code"), f"the site `{site.code}` stands twice", "Keep one of the two")
        yield from _zone(site, (*path, "time_zone"))


def _zone(site: ImportSite, path: Path) -> Iterator[Fault]:
    try:
        ZoneInfo(site.time_zone)
    except (ValueError, KeyError, OSError):
        yield Fault(
            path, f"there is no time zone `{site.time_zone}`", "Write an IANA name such as Asia/Shanghai"
        )


def _facts(plan: ImportPlan, kinds: dict[str, Kind]) -> Iterator[Fault]:
    """Faults of the facts; the kind of each sound one is added to `kinds`, for the facts after it."""
    for name, fact in plan.facts.items():
        path: Path = ("imports", "facts", name)
        yield from reserved(name, path)
        if name in plan.columns:
            yield Fault(path, f"`{name}` is a column already", "Choose another name")
        scope = Scope(kinds, _codes(plan))
        if fact.rows is not None:
            yield from scope.condition(fact.rows, (*path, "rows"))
        found = list(scope.expression(fact.value, tuple(Kind), (*path, "value")))
        yield from found
        if not found:
            kinds[name] = parse(fact.value).kind(kinds)


def _uses(plan: ImportPlan, protocol: Protocol, scope: Scope) -> Iterator[Fault]:
    for number, rule in enumerate(plan.refuse):
        yield from scope.condition(rule.condition, ("imports", "refuse", number, "if"))
    checker = _Checker(plan, protocol, scope)
    yield from checker.participants(plan.participants)
    for number, mapping in enumerate(plan.forms):
        yield from checker.form(mapping, ("imports", "forms", number))


@dataclass(frozen=True)
class _Checker:
    """Checks what the mapping fills against what may be filled in."""

    plan: ImportPlan
    protocol: Protocol
    scope: Scope

    def participants(self, mapping: ParticipantMapping) -> Iterator[Fault]:
        path: Path = ("imports", "participants")
        yield from self.scope.condition(mapping.rows, (*path, "rows"))
        yield from self.label(mapping.label, (*path, "label"))
        for key, text in (("consented_on", mapping.consented_on), ("randomized_on", mapping.randomized_on)):
            yield from self.scope.expression(text, (Kind.DATE,), (*path, key))
        sites = tuple(site.code for site in self.plan.sites)
        arms = tuple(arm.id for arm in self.protocol.arms)
        for key, given, codes in (("site", mapping.site, sites), ("arm", mapping.arm, arms)):
            if given.missing:
                yield Fault(
                    (*path, key, "missing"), f"a participant always has one {key}", "Remove `missing`"
                )
            yield from self.given(given, Kind.TEXT, codes, (*path, key))

    def label(self, label: str, path: Path) -> Iterator[Fault]:
        try:
            found = placeholders(label)
        except ValueError:
            yield Fault(path, f"`{label}` has a bracket that does not fit", "Write it like {site}-{id:04}")
            return
        for name, width in found:
            yield from unknown(name, {"site": Kind.TEXT, **self.scope.kinds}, path, "column, fact or mapped")
            if width and self.scope.kinds.get(name) is not Kind.INTEGER:
                yield Fault(path, f"`{name}` is no integer to be filled with zeros", f"Write {{{name}}}")

    def form(self, mapping: FormMapping, path: Path) -> Iterator[Fault]:
        yield from self.scope.condition(mapping.rows, (*path, "rows"))
        visits = {visit.id: visit for visit in self.protocol.visits}
        yield from unknown(mapping.visit, visits, (*path, "visit"), "visit")
        if mapping.form not in self.protocol.forms:
            yield from unknown(mapping.form, self.protocol.forms, (*path, "form"), "form")
            return
        if mapping.visit in visits:
            forms = visits[mapping.visit].forms
            yield from unknown(
                mapping.form, forms, (*path, "form"), f"form at the visit `{mapping.visit}` called"
            )
        items = {item.id: item for item in self.protocol.forms[mapping.form].items}
        for item_id, given in mapping.values.items():
            place = (*path, "values", item_id)
            yield from unknown(item_id, items, place, f"item of the form {mapping.form} called")
            if item_id in items:
                yield from self.item(items[item_id], given, place)
        for item in items.values():
            if item.required and not item.show_if and item.id not in mapping.values:
                remedy = f"Add `{item.id}: …`, or `{item.id}: {{missing: …}}`"
                yield Fault((*path, "values"), f"the required item `{item.id}` gets no value", remedy)

    def item(self, item: Item, given: Given, path: Path) -> Iterator[Fault]:
        yield from self.given(given, KIND_OF_ITEM[item.type], codes_of(item, self.protocol), path)
        if given.missing and given.missing not in item.missing:
            remedy = (
                nearest(given.missing, item.missing) if item.missing else "Add it to `missing:` of the item"
            )
            yield Fault((*path, "missing"), f"`{given.missing}` is no reason this item allows", remedy)

    def given(self, given: Given, kind: Kind, allowed: tuple[str, ...], path: Path) -> Iterator[Fault]:
        """Faults of one value that should become of type `kind`, and one of `allowed` if there are any."""
        if given.value is None:
            if given.codes or not given.missing:
                yield Fault(
                    path, "nothing says where the value comes from", "Add `value:` with an expression"
                )
            return
        wanted = _RECODED if given.codes else _WIDER.get(kind, (kind,))
        yield from self.scope.expression(given.value, wanted, (*path, "value"))
        known = self.scope.codes.get(given.value, ())
        if given.codes is None:
            yield from self.fitting(known, allowed, (*path, "value"))
            return
        for code, answer in given.codes.items():
            if allowed:
                yield from unknown(answer, allowed, (*path, "codes", code), "code")
        for code in known:
            if code not in given.codes:
                message = f"the code `{code}` of the column `{given.value}` has no answer"
                yield Fault((*path, "codes"), message, f"Add `{code}: …`")

    def fitting(self, known: Collection[str], allowed: tuple[str, ...], path: Path) -> Iterator[Fault]:
        for code in known:
            if allowed and code not in allowed:
                yield Fault(
                    path, f"the column holds `{code}`, which is no code here", "Add `codes:` to recode it"
                )
