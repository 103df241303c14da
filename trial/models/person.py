"""Shapes of floor 0: people, service identities and the roles granted to them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from trial.models.history import History
from trial.models.protocol import Trial
from trial.models.site import Site
from trial.roles import ROLES, Role


class Person(AbstractBaseUser):
    """A named account, disabled but never deleted. A service identity cannot sign in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_service = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    # Log-ins are acts of the audit trail, not a field overwritten at each of them.
    last_login = None
    history = History(excluded_fields=["password"])

    objects: "BaseUserManager[Person]" = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role held from a day until a day, at one site or, where `site` is empty, in the whole trial.

    A role over the whole installation has no trial. `revoked_at` ended it at once, whatever its days.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    role = models.CharField(max_length=30)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    history = History()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="grant_role"),
            models.UniqueConstraint(
                fields=["person", "trial", "site", "role", "starts_on"],
                condition=Q(site__isnull=False, revoked_at__isnull=True),
                name="grant_once_at_site",
            ),
            models.UniqueConstraint(
                fields=["person", "trial", "role", "starts_on"],
                condition=Q(site__isnull=True, revoked_at__isnull=True),
                name="grant_once_in_trial",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "starts_on"],
                condition=Q(trial__isnull=True, revoked_at__isnull=True),
                name="grant_once_in_installation",
            ),
            models.CheckConstraint(
                condition=Q(trial__isnull=False) | Q(site__isnull=True), name="grant_site_has_trial"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="grant_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"

    @property
    def definition(self) -> Role:
        """The row of the role table."""
        return ROLES[self.role]
