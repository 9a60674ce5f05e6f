"""Registration of the first user, authorized by a token on the server's console."""

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError
from django.utils.crypto import constant_time_compare, salted_hmac

from workspaces.models import User


def is_due():
    """Return True if there is no user yet."""
    return not User.objects.exists()


def is_due_for_certain():
    """Return True if there is no user yet; locks, so that concurrent registrations are serialized."""
    of_users = ContentType.objects.get_for_model(User)
    ContentType.objects.select_for_update().get(pk=of_users.pk)
    return is_due()


def token():
    """Return the stateless 128-bit token of this installation; invalid once a user exists."""
    return salted_hmac("workspaces.accounts.first_run", "token", algorithm="sha256").hexdigest()[:32]


def is_token(text):
    return constant_time_compare(text.strip().lower(), token())


def is_to_be_told():
    """Return True if there is no user yet; False if there is no database either."""
    try:
        return is_due()
    except DatabaseError:
        return False


def build_announcement():
    """Return the message for the console at startup, or an empty string if a user exists."""
    if not is_to_be_told():
        return ""
    return f"Nobody has an account yet. Who opens the first page is asked for this token: {token()}"
