"""Routes that override allauth's, under the same names."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.cache import never_cache

from workspaces.accounts import views

urlpatterns = [
    path("first-run/", login_not_required(never_cache(views.FirstRun.as_view())), name="first-run"),
    path("login/", views.sign_in, name="account_login"),
    path("signup/", views.sign_up, name="account_signup"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path("sessions/", views.session_list, name="usersessions_list"),
    path("sessions/<int:pk>/end/", views.end_session, name="session-end"),
    path("confirm/", views.confirm_identity, name="confirm-identity"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("second-factor/later/", views.decline_second_factor, name="second-factor-later"),
]
