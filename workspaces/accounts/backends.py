"""Authentication by email address and password."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.account.models import EmailAddress


def signs_in_with(user, email):
    """Return True if the address is the account's own, or another one that was confirmed.

    One that was only typed into the form for a new address may be anybody's.
    """
    if user.email.lower() == email.lower():
        return True
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


class AuthenticationBackend(AllauthBackend):
    """allauth's backend, without its acceptance of unconfirmed secondary addresses."""

    def _authenticate_by_email(self, email, password):
        user = super()._authenticate_by_email(email, password)
        return user if user and signs_in_with(user, email) else None
