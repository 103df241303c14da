"""URLs of the exports floor."""

from collections.abc import Callable
from typing import Any

from django.urls import path
from rest_framework.views import APIView

from exports import api
from exports.views.docs import Docs, Schema
from exports.views.tokens import token_make, token_revoke, tokens
from trial.permissions import Permission


def door(view: type[APIView]) -> Callable[..., Any]:
    """A class as the doorkeeper wants it: its permission, and whether it asks for a token itself."""
    answer = view.as_view()
    permission: Permission = vars(view).get("permission", api.Fetch.permission)
    vars(answer).update(permission=permission, authenticates_itself=issubclass(view, api.Fetch))
    return answer


urlpatterns = [
    path("trials/<slug:trial>/tokens/", tokens, name="tokens"),
    path("trials/<slug:trial>/tokens/new/", token_make, name="token_make"),
    path("trials/<slug:trial>/tokens/<int:token>/revoke/", token_revoke, name="token_revoke"),
    path("api/schema/", door(Schema), name="api-schema"),
    path("api/docs/", door(Docs), name="api_docs"),
    path("api/v1/trials/<slug:trial>/participants/", door(api.Participants), name="api-participants"),
    path("api/v1/trials/<slug:trial>/adtte/", door(api.TimeToEvent), name="api-adtte"),
    path("api/v1/trials/<slug:trial>/dictionary/", door(api.Dictionary), name="api-dictionary"),
    path("api/v1/trials/<slug:trial>/results/", door(api.Results), name="api-results"),
]
