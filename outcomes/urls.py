"""URLs of the outcomes floor."""

from django.urls import path

from outcomes.views.participant import participant_endpoints
from outcomes.views.report import figure, report
from outcomes.views.snapshots import analyses_request, snapshot_freeze, snapshots

urlpatterns = [
    path(
        "<slug:trial>/participants/<slug:participant>/endpoints/",
        participant_endpoints,
        name="participant_endpoints",
    ),
    path("<slug:trial>/outcomes/", report, name="report"),
    path("<slug:trial>/outcomes/results/<int:result>/<slug:name>.svg", figure, name="figure"),
    path("<slug:trial>/snapshots/", snapshots, name="snapshots"),
    path("<slug:trial>/snapshots/new/", snapshot_freeze, name="snapshot_freeze"),
    path("<slug:trial>/snapshots/<int:number>/analyses/", analyses_request, name="analyses_request"),
]
