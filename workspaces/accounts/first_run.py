"""The very first user: whoever can read the server's console, not whoever finds the address first."""

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError
from django.utils.crypto import constant_time_compare, salted_hmac

from workspaces.models import User


def is_due():
    """Whether nobody is here yet."""
    return not User.objects.exists()


def is_due_for_certain():
    """The same in a transaction, where of two who come at once the second one waits for the first."""
    of_users = ContentType.objects.get_for_model(User)
    ContentType.objects.select_for_update().get(pk=of_users.pk)
    return is_due()


def token():
    """128 bits, the same in every process of this installation, kept nowhere; dead once somebody is here."""
    return salted_hmac("workspaces.accounts.first_run", "token", algorithm="sha256").hexdigest()[:32]


def is_token(text):
    return constant_time_compare(text.strip().lower(), token())


def is_to_be_told():
    """Whether nobody is here; not where there is not even a database."""
    try:
        return is_due()
    except DatabaseError:
        return False


def build_announcement():
    """What the console says at a start, or nothing where there is somebody."""
    if not is_to_be_told():
        return ""
    return f"Nobody has an account yet. Who opens the first page is asked for this token: {token()}"
