"""Doors of floor 4: the API's description, for programs and for people."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication

from trial.permissions import Permission


class Schema(SpectacularAPIView):
    """The OpenAPI description as a file, for whoever is signed in."""

    permission = Permission.OWN_ACCOUNT
    throttle_classes = ()


class Docs(SpectacularSwaggerSplitView):
    """The description as a page in our own frame: no inline script or style, nothing from outside."""

    permission = Permission.OWN_ACCOUNT
    authentication_classes = (SessionAuthentication,)
    url_name = "api-schema"
    # Signed-in people only, who are not counted like programs.
    throttle_classes = ()
    template_name = "exports/api_docs.html"
    template_name_js = "exports/api_docs.js"
