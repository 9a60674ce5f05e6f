"""Forms of two-factor authentication."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP


class ActivateTOTPForm(AllauthActivateTOTPForm):
    """The first code of a new app. It is used up by it, as each later code is by its sign-in."""

    def clean_code(self):
        code = super().clean_code()
        totp = TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))
        if not totp._mark_code_used(code):
            raise get_adapter().validation_error("incorrect_code")
        return code
