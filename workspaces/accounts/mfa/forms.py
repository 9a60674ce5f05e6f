"""allauth's forms for two-factor authentication, with normalized codes and names."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn import forms as webauthn

from crud.forms.line_forms import LineFormMixin


class AuthenticateForm(LineFormMixin, base.AuthenticateForm):
    """Code entry at sign-in."""


class ReauthenticateForm(LineFormMixin, base.ReauthenticateForm):
    """Code entry before sensitive changes."""


class ActivateTOTPForm(LineFormMixin, totp.ActivateTOTPForm):
    """First code of a new authenticator app. It is marked as used, as each sign-in's code is."""

    def clean_code(self):
        code = super().clean_code()
        authenticator = TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))
        if not authenticator._mark_code_used(code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AddWebAuthnForm(LineFormMixin, webauthn.AddWebAuthnForm):
    """Registration of a passkey with a name."""


class EditWebAuthnForm(LineFormMixin, webauthn.EditWebAuthnForm):
    """Renaming of a passkey."""
