"""What no table tells: who came in, who could not, who made their account safer, who took data out."""

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth

from crud.views.export import exported
from workspaces.models import AuditEntry, Membership, User
from workspaces.tenancy.scope import activate

Action = AuditEntry.Action
SECURED = {
    account.password_changed: "Password changed",
    account.password_set: "Password set",
    account.password_reset: "Password reset",
    account.email_changed: "Email changed",
    mfa.authenticator_added: "Two-factor authentication added",
    mfa.authenticator_removed: "Two-factor authentication removed",
    mfa.authenticator_reset: "Recovery codes regenerated",
}


def connect_receivers():
    auth.user_logged_in.connect(signed_in)
    auth.user_logged_out.connect(signed_out)
    auth.user_login_failed.connect(sign_in_failed)
    for signal in SECURED:
        signal.connect(record_account_secured)
    exported.connect(taken_out)


def record_event(user, action, **values):
    """Say it in every workspace that the user belongs to: each has its own trail."""
    for membership in Membership.of(user):
        with activate(membership.workspace, membership):
            AuditEntry.write(action, membership, label=str(user), **values)


def record_own_event(user):
    """That it was the user's doing, whom the request did not know yet, or does not any more."""
    return {"user_id": user.pk, "actor": str(user)[:80]}


def signed_in(user, **signal):
    record_event(user, Action.SIGNED_IN, **record_own_event(user))


def signed_out(user, **signal):
    if user:
        record_event(user, Action.SIGNED_OUT, **record_own_event(user))


def record_account_secured(signal, user, **more):
    record_event(user, Action.SECURED, changes={"what": [None, SECURED[signal]]}, **record_own_event(user))


def factor_taken_away(user):
    """Not by themselves, but by a command: see reset_second_factor."""
    record_event(user, Action.SECURED, changes={"what": [None, SECURED[mfa.authenticator_removed]]})


def sign_in_failed(credentials, request=None, **signal):
    """Noted when the answer is out: how long that takes tells nobody whether the address is known."""
    address = credentials.get("email") or credentials.get("username") or ""
    if request is not None and address:
        request.after_the_answer = [
            *getattr(request, "after_the_answer", []),
            lambda: record_failed_sign_in(address),
        ]


def record_failed_sign_in(address):
    user = User.objects.filter(email=address.lower()).first()
    if user:
        record_event(user, Action.SIGN_IN_FAILED, user_id=None, actor="")


def taken_out(sender, rows, narrowed, **signal):
    """A list as a file: how many rows, and of which."""
    changes = {"rows": [None, rows.order_by().count()]}
    if narrowed:
        changes["filter"] = [None, "; ".join(f"{label}: {description}" for label, description in narrowed)]
    AuditEntry.write(Action.EXPORTED, sender, changes=changes)
