"""URLs of the trial floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
