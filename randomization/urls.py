"""URLs of the randomization floor."""

from django.urls import path

from randomization.views.allocation import allocation, randomize
from randomization.views.eligibility import eligibility, screen_failure
from randomization.views.scheme import scheme, scheme_open

PARTICIPANT = "<slug:trial>/participants/<slug:participant>/"

urlpatterns = [
    path(f"{PARTICIPANT}eligibility/", eligibility, name="eligibility"),
    path(f"{PARTICIPANT}screen-failure/", screen_failure, name="screen_failure"),
    path(f"{PARTICIPANT}randomize/", randomize, name="randomize"),
    path(f"{PARTICIPANT}allocation/", allocation, name="allocation"),
    path("<slug:trial>/randomization/", scheme, name="scheme"),
    path("<slug:trial>/randomization/open/", scheme_open, name="scheme_open"),
]
