"""Every URL of the installation. Library views are listed one by one: what is not listed does not exist."""

from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.urls import include, path
from django.views.i18n import set_language

from config.first_steps import first_steps
from config.home import home
from trial.urls import installation

urlpatterns = [
    path("", home, name="home"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("language/", set_language, name="set_language"),
    path("", include(installation)),
    path("trials/<slug:trial>/first-steps/", first_steps, name="first_steps"),
    path("trials/", include("trial.urls")),
    path("trials/", include("crf.urls")),
    path("trials/", include("randomization.urls")),
    path("trials/", include("outcomes.urls")),
    path("", include("exports.urls")),
]

# These two are made without a request: their pages must say what the data are all the same.
handler400 = "config.bands.bad_request"
handler500 = "config.bands.server_error"
