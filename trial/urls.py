"""URLs of the trial floor."""

from django.urls import path

from trial.views import accounts, activation, outbox, people, sites
from trial.views.audit import audit, audit_csv
from trial.views.participants import participants
from trial.views.protocol import protocol
from trial.views.registration import register
from trial.views.welcome import welcome

urlpatterns = [
    path("<slug:trial>/participants/", participants, name="participants"),
    path("<slug:trial>/participants/register/", register, name="register"),
    path("<slug:trial>/protocol/", protocol, name="protocol"),
    path("<slug:trial>/audit/", audit, name="audit"),
    path("<slug:trial>/audit.csv", audit_csv, name="audit_csv"),
    path("<slug:trial>/sites/", sites.sites, name="sites"),
    path("<slug:trial>/sites/add/", sites.site_add, name="site_add"),
    path("<slug:trial>/sites/<slug:site>/", sites.site_details, name="site_details"),
    path("<slug:trial>/sites/<slug:site>/cap/", sites.site_cap, name="site_cap"),
    path("<slug:trial>/sites/<slug:site>/state/", sites.site_state, name="site_state"),
    path("<slug:trial>/recruitment/", sites.recruitment, name="recruitment"),
    path("<slug:trial>/people/", people.people, name="people"),
    path("<slug:trial>/people/invite/", people.person_invite, name="person_invite"),
    path("<slug:trial>/people/<int:person>/", people.person, name="person"),
    path("<slug:trial>/people/<int:person>/link/", people.person_link, name="person_link"),
    path("<slug:trial>/people/<int:person>/close/", people.person_close, name="person_close"),
    path("<slug:trial>/people/roles/<int:grant>/end/", people.grant_end, name="grant_end"),
    path("<slug:trial>/outbox/", outbox.outbox, name="outbox"),
    path("<slug:trial>/outbox/<int:message>/", outbox.outbox_retry, name="outbox_retry"),
]

# What belongs to no trial.
installation = [
    path("welcome/<slug:uid>/<slug:token>/", welcome, name="welcome"),
    path("installation/protocols/", activation.protocols, name="protocols"),
    path("installation/protocols/<str:folder_name>/", activation.protocol_activate, name="protocol_activate"),
    path("installation/accounts/", accounts.accounts, name="accounts"),
    path("installation/accounts/invite/", accounts.account_invite, name="account_invite"),
    path("installation/accounts/<int:person>/", accounts.account, name="account"),
    path("installation/accounts/<int:person>/link/", accounts.account_link, name="account_link"),
    path("installation/accounts/<int:person>/close/", accounts.account_close, name="account_close"),
    path(
        "installation/accounts/roles/<int:grant>/end/", accounts.account_grant_end, name="account_grant_end"
    ),
    path("installation/outbox/", outbox.installation_outbox, name="installation_outbox"),
    path("installation/outbox/<int:message>/", outbox.installation_retry, name="installation_retry"),
]
