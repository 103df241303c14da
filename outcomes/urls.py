"""URLs of the outcomes floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
