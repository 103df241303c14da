"""Reads of floor 4: tokens, and the frozen data they may fetch."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from django.db.models import QuerySet
from django.utils import timezone

from exports.models import ApiToken
from outcomes.blinding import endpoint_tells_arm, population_tells_arm
from outcomes.models import Snapshot
from outcomes.snapshot_files import frame
from trial.models import Person, Trial
from trial.selectors import parsed

ARM, RECEIVED = "TRT01P", "TRT01A"
# A use is written down at most this often, so that reading much does not mean writing much.
USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Extract:
    """Some columns and rows of a snapshot, in the order in which they were frozen."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


def token_by_digest(digest: str) -> ApiToken | None:
    """The token with that digest, in force or not."""
    rows = ApiToken.objects.filter(digest=digest).select_related("person", "trial", "site", "use")
    return rows.first()


def use_is_old(token: ApiToken) -> bool:
    """Whether the last use written down is too old to stand for this one."""
    last = getattr(token, "use", None)
    return last is None or timezone.now() - last.at > USE_EVERY


def tokens_of(person: Person, trial: Trial) -> QuerySet[ApiToken]:
    """A person's tokens in a trial, newest first."""
    rows = ApiToken.objects.filter(person=person, trial=trial).select_related("site", "use")
    return rows.order_by("-made_at", "-pk")


def participants(snapshot: Snapshot, *, with_arm: bool, site: str = "") -> Extract:
    """One row per randomized participant; `with_arm` also the populations that tell the arm, the arms last."""
    table = frame(snapshot, "adsl")
    if with_arm:
        table = _with_arm_flags(snapshot, table)
    return _extract(snapshot, _of_site(table, site), with_arm=with_arm)


def adtte(snapshot: Snapshot, *, with_arm: bool, site: str = "", paramcd: str = "") -> Extract:
    """One row per participant and endpoint, or of one; `with_arm` also endpoints that tell the arm, the arms last."""
    table = frame(snapshot, "adtte")
    # Snapshots of earlier versions have one table: nothing in it told the arm.
    if with_arm and "adtte_arm" in snapshot.manifest["files"]:
        table = pd.concat([_with_notes(snapshot, table), frame(snapshot, "adtte_arm")], ignore_index=True)
    table = _of_site(table, site)
    if paramcd:
        table = table[table["PARAMCD"] == paramcd]
    return _extract(snapshot, table, with_arm=with_arm)


def arm_endpoints(snapshot: Snapshot) -> list[str]:
    """The endpoints that only tokens with the arm may read."""
    protocol = parsed(snapshot.protocol)
    return [each.id for each in protocol.endpoints.endpoints if endpoint_tells_arm(each, protocol)]


def arm_populations(snapshot: Snapshot) -> list[str]:
    """The populations whose members only tokens with the arm may read."""
    protocol = parsed(snapshot.protocol)
    return [each.id for each in protocol.endpoints.populations if population_tells_arm(each, protocol)]


def _with_arm_flags(snapshot: Snapshot, table: pd.DataFrame) -> pd.DataFrame:
    told = arm_populations(snapshot)
    members = frame(snapshot, "populations") if told else pd.DataFrame()
    for population in told:
        flags = members[members["POPULATION"] == population].set_index("USUBJID")["MEMBER"]
        table = table.assign(**{f"{population}FL": table["USUBJID"].map(flags)})
    return table


def _with_notes(snapshot: Snapshot, table: pd.DataFrame) -> pd.DataFrame:
    notes = frame(snapshot, "notes").set_index(["USUBJID", "PARAMCD"])["NOTE"].to_dict()
    keys = zip(table["USUBJID"], table["PARAMCD"], table["NOTE"], strict=True)
    return table.assign(NOTE=[notes.get((usubjid, paramcd), note) for usubjid, paramcd, note in keys])


def _of_site(table: pd.DataFrame, site: str) -> pd.DataFrame:
    return table[table["SITEID"] == site] if site else table


def _extract(snapshot: Snapshot, table: pd.DataFrame, *, with_arm: bool) -> Extract:
    if with_arm:
        arms = frame(snapshot, "treatment").set_index("USUBJID")
        received = parsed(snapshot.protocol).endpoints.treatment_received
        for column in (ARM, RECEIVED) if received else (ARM,):
            table = table.assign(**{column: table["USUBJID"].map(arms[column])})
    columns = tuple(str(column) for column in table.columns)
    plain = table.astype(object).where(table.notna(), None)
    rows = [dict(zip(columns, row, strict=True)) for row in plain.itertuples(index=False, name=None)]
    return Extract(columns, rows)
