"""The roof's demonstration: what `make demo` does, step by step, destroying nothing."""

import secrets
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from config import synthetic
from config.loading import Report, load_trial, mapped
from outcomes.actions import analyses, runs, snapshots
from outcomes.models import Analysis, Result, Snapshot
from outcomes.selectors import latest_snapshot
from randomization.actions import check_seals
from trial.actions import installations, people
from trial.models import Person, Purpose, RoleGrant, Site, Trial
from trial.protocol.loader import LoadedProtocol, load
from trial.roles import ROLES, Role, Scope
from trial.selectors import is_synthetic

DOMAIN = "demo.invalid"
# The trials of `make demo`: public data first, then invented ones.
TRIALS = ("colon-moertel", "t1-salvage")


def folders() -> list[Path]:
    """The protocol folders of the demonstration."""
    return [settings.PROTOCOLS / key for key in TRIALS]


class Stopped(Exception):
    """The demonstration cannot go on; the text says why and what to do. Nothing was changed."""


def database_file() -> Path | None:
    """The SQLite file of this installation, None on another engine."""
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


def move_aside() -> Path | None:
    """Move the SQLite database and its companions out of the way; the new name, None when there was none."""
    file = database_file()
    if file is None:
        raise Stopped("FRESH=1 moves an SQLite file aside; this installation is on another engine.")
    if not file.exists():
        return None
    connection.close()
    aside = file.with_name(f"{file.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}{file.suffix}")
    for suffix in ("", "-wal", "-shm"):
        companion = file.with_name(file.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    return aside


def prepare() -> None:
    """Bring the database up to date; from now on it is for a demonstration. Raises Stopped when this process or the
    database is for something else, SealBroken when the SEAL_KEY is not the one its lists were sealed with."""
    if settings.PURPOSE not in ("", Purpose.DEMONSTRATION):
        raise Stopped(
            f"EQUIPOISE_MODE is {settings.MODE}, and a demonstration is made with EQUIPOISE_MODE=demo, in a database "
            "of its own. To begin a real trial run: python manage.py start"
        )
    if "trial_trial" in connection.introspection.table_names():
        real = Trial.objects.filter(is_demo=False).values_list("key", flat=True).first()
        if real:
            raise Stopped(
                f"This database holds the trial {real}, which is not a demonstration. "
                "Set DATABASE_URL to another database, or FRESH=1 to move this one aside."
            )
    call_command("migrate", verbosity=0, interactive=False)
    check_seals()
    settle()


def settle() -> None:
    """Say what this database is for, where nobody has: what this process is for. Raises Refusal."""
    if settings.PURPOSE:
        installations.settle(purpose=settings.PURPOSE, by=people.importer())


def trial_of(folder: Path, *, report: Report) -> Trial:
    """The trial of a folder, loaded now if it is not there yet: its own data, or the synthetic cohort it describes.

    Raises Stopped when its text has changed, Refusal or an error of the files when it cannot be loaded.
    """
    loaded = load(folder)
    standing = Trial.objects.filter(key=loaded.protocol.trial).select_related("protocol").first()
    if standing is None:
        return _loaded(loaded, folder, report)
    if standing.protocol is None or standing.protocol.sha256 != loaded.sha256:
        raise Stopped(f"This database holds {standing.key} under another text of its protocol. {_way_out()}")
    return standing


def _way_out() -> str:
    if settings.PURPOSE in ("", Purpose.DEMONSTRATION) and database_file() is not None:
        return "Use make demo FRESH=1 to move it aside and begin again."
    return "Put the new text in force on the page of protocols, or set DATABASE_URL to another database."


def _loaded(loaded: LoadedProtocol, folder: Path, report: Report) -> Trial:
    parameters = synthetic.parameters_in(folder)
    if parameters:
        return synthetic.load_cohort(loaded, parameters, report=report)
    importer = people.importer()
    return load_trial(loaded, mapped(loaded.protocol, folder), by=importer, report=report)


def frozen(trial: Trial) -> Snapshot:
    """The newest snapshot, or a first one; its data cut-off is today, or the day that belongs to a synthetic cohort."""
    importer = people.importer()
    cut_off = synthetic.cut_off(trial) if is_synthetic(trial) else timezone.now().date()
    return latest_snapshot(trial) or snapshots.freeze(
        trial=trial, cut_off=cut_off, reason="demonstration", by=importer
    )


def analysed(snapshot: Snapshot, *, report: Report) -> list[Result]:
    """The results of every declared analysis of the snapshot, computed here where no worker has done so yet."""
    asked = analyses.request_all(snapshot=snapshot, by=people.importer())
    for done, analysis in enumerate(asked, start=1):
        runs.run(analysis.pk)
        report("running analyses", done, len(asked))
    rows = Analysis.objects.filter(snapshot=snapshot).select_related("result").order_by("pk")
    unfinished = [row for row in rows if not hasattr(row, "result")]
    if unfinished:
        raise Stopped(
            f"The analysis of {unfinished[0].endpoint} is {unfinished[0].state}: {unfinished[0].failure or 'no result'}"
        )
    return [row.result for row in rows]


def password() -> str:
    """The password of the demonstration's people, made once and kept beside the database."""
    kept = Path(settings.VAR) / "demo_password.txt"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(12))
    return kept.read_text().strip()


def cast(trial: Trial) -> dict[str, Person]:
    """One person per role, the same in every trial, with her grant in this one: at its first site, where the role
    is a site's. Made once."""
    by = people.importer()
    found = {key: _person(role, by) for key, role in ROLES.items()}
    first = Site.objects.filter(trial=trial).order_by("code").first()
    for key, role in ROLES.items():
        place = None if role.scope is Scope.INSTALLATION else trial
        if not RoleGrant.objects.filter(person=found[key], role=key, trial=place).exists():
            people.grant(
                person=found[key],
                trial=place,
                role=key,
                site=first if role.scope is Scope.SITE else None,
                starts_on=date(2020, 1, 1),
                by=by,
            )
    return found


def _person(role: Role, by: Person) -> Person:
    email = f"{role.key.replace('_', '-')}@{DOMAIN}"
    return Person.objects.filter(email=email).first() or people.create(
        email=email, name=f"Demo {role.name.lower()}", password=password(), by=by
    )
