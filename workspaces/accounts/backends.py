"""Authentication by address and password."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.account.models import EmailAddress


def signs_in_with(user, email):
    """Return True if the address is the account's own, or another one that its owner has confirmed.

    One that was only typed into the form for a new address may be anybody's.
    """
    if user.email.lower() == email.lower():
        return True
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


class AuthenticationBackend(AllauthBackend):
    """allauth's, which would take an address that waits for its confirmation."""

    def _authenticate_by_email(self, email, password):
        user = super()._authenticate_by_email(email, password)
        return user if user and signs_in_with(user, email) else None
