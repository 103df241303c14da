"""URLs of the crf floor."""

from django.urls import path

from crf.views.casebook import casebook
from crf.views.history import item_history
from crf.views.records import form

PARTICIPANT = "<slug:trial>/participants/<slug:participant>/"
PLACE = f"{PARTICIPANT}visits/<slug:visit>/<int:visit_repeat>/<slug:form>/<int:repeat>/"

urlpatterns = [
    path(PARTICIPANT, casebook, name="casebook"),
    path(PLACE, form, name="form"),
    path(f"{PLACE}history/<slug:item>/", item_history, name="item_history"),
]
