"""URLs of the crf floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
