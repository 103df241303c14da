"""URLs of the exports floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
