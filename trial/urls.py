"""URLs of the trial floor."""

from django.urls import path

from trial.views.audit import audit, audit_csv
from trial.views.participants import participants
from trial.views.protocol import protocol
from trial.views.registration import register

urlpatterns = [
    path("<slug:trial>/participants/", participants, name="participants"),
    path("<slug:trial>/participants/register/", register, name="register"),
    path("<slug:trial>/protocol/", protocol, name="protocol"),
    path("<slug:trial>/audit/", audit, name="audit"),
    path("<slug:trial>/audit.csv", audit_csv, name="audit_csv"),
]
