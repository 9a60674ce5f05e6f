"""Forms of two-factor authentication: allauth's, with codes and names normalized as all one-line text."""

from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn

from crud.line_forms import LineFormMixin


class AuthenticateForm(LineFormMixin, base.AuthenticateForm):
    """The code asked for at sign-in."""


class ReauthenticateForm(LineFormMixin, base.ReauthenticateForm):
    """The code asked for before sensitive changes."""


class ActivateTOTPForm(LineFormMixin, totp.ActivateTOTPForm):
    """The first code of an authenticator app."""


class AddWebAuthnForm(LineFormMixin, webauthn.AddWebAuthnForm):
    """A new passkey and its name."""


class EditWebAuthnForm(LineFormMixin, webauthn.EditWebAuthnForm):
    """Another name for a passkey."""
