"""Door of floor 0: recompute the audit trail and name what was touched."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial import audit
from trial.models import Act


class Command(BaseCommand):
    help = "Recompute every audit chain and every history row it cites; exit 1 naming what does not fit."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = audit.verify()
        for fault in faults:
            place = f"{fault.chain} act {fault.seq}" if fault.chain else "outside every chain"
            self.stdout.write(f"FAULT {place}: {fault.message}")
        if faults:
            raise CommandError(f"The audit trail does not hold: {len(faults)} fault(s).")
        chains = Act.objects.order_by().values_list("chain", flat=True).distinct()
        self.stdout.write(f"The audit trail holds: {Act.objects.count()} acts in {len(chains)} chain(s).")
