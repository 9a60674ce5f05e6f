"""Forms of two-factor authentication: allauth's, with codes and names normalized as all one-line text."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn import forms as webauthn

from crud.forms.line_forms import LineFormMixin


class AuthenticateForm(LineFormMixin, base.AuthenticateForm):
    """The code asked for at sign-in."""


class ReauthenticateForm(LineFormMixin, base.ReauthenticateForm):
    """The code asked for before sensitive changes."""


class ActivateTOTPForm(LineFormMixin, totp.ActivateTOTPForm):
    """The first code of a new app. It is used up by it, as each later code is by its sign-in."""

    def clean_code(self):
        code = super().clean_code()
        authenticator = TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))
        if not authenticator._mark_code_used(code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AddWebAuthnForm(LineFormMixin, webauthn.AddWebAuthnForm):
    """A new passkey and its name."""


class EditWebAuthnForm(LineFormMixin, webauthn.EditWebAuthnForm):
    """Another name for a passkey."""
