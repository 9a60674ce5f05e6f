"""Forms for sign-up, sign-in and account management."""

from allauth.account import forms as theirs
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from crud.forms.line_forms import LineFormMixin
from workspaces.accounts.backends import signs_in_with
from workspaces.accounts.first_run import is_token
from workspaces.accounts.known_browsers import attempts_key
from workspaces.accounts.rate_limits import enforce
from workspaces.members.invitations import accept, pending_invitation
from workspaces.models import User


def without_placeholders(form):
    """Remove allauth's placeholders, which only repeat the labels."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LineFormMixin, theirs.LoginForm):
    """Email and password; unless “Remember me” is selected, the session ends with the browser."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email")
        self.fields["remember"].label = _("Stay signed in on this device")
        self.fields["remember"].help_text = _(
            "Up to 14 days. You’ll be signed out after 12 hours of inactivity."
        )
        without_placeholders(self)


class SignUpForm(LineFormMixin, theirs.SignupForm):
    """Sign-up by name, email address and password. Accepts the pending invitation."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.invitation = pending_invitation(context.request)
        if self.invitation:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("The email address that was invited.")
        self.fields["email"].label = _("Email")
        without_placeholders(self)
        self.fields["password1"].help_text = _("At least 10 characters. Try a short phrase.")

    def clean(self):
        enforce("sign_up")
        return super().clean()

    def try_save(self, request):
        if self.account_already_exists:
            # Hash in this case too: the response time must not reveal whether an account exists.
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        if self.invitation:
            accept(self.invitation, user)


class FirstRunForm(SignUpForm):
    """Sign-up of the first user, who enters the token from the server's console."""

    token = forms.CharField(
        label=_("Setup token"),
        max_length=100,
        help_text=_("Shown in the server console at startup."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    field_order = ["token", "name", "email", "password1"]

    def clean_token(self):
        if not is_token(self.cleaned_data["token"]):
            raise forms.ValidationError(_("That token isn’t valid."))
        return self.cleaned_data["token"]


class ResetPasswordForm(LineFormMixin, theirs.ResetPasswordForm):
    """Request for a password reset link, sent if the address has an account."""

    def clean_email(self):
        email = super().clean_email()
        # A link to an unconfirmed address would give the account to the owner of that mailbox.
        self.users = [user for user in self.users if signs_in_with(user, email)]
        return email

    def clean(self):
        cleaned = super().clean()
        enforce("reset", key=attempts_key(context.request, cleaned.get("email", "")))
        return cleaned


class ChangePasswordForm(theirs.ChangePasswordForm):
    """Change of the password; requires the current one."""

    def clean_oldpassword(self):
        # allauth has no rate limit here, so the sign-in's limit could be bypassed.
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise forms.ValidationError(_("That isn’t your current password."))
        return self.cleaned_data["oldpassword"]


class ChangeEmailForm(LineFormMixin, theirs.AddEmailForm):
    """Change of the email address; the current one stays valid until the new one is confirmed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email")

    def save(self, request):
        # allauth keeps the old address only if it was confirmed, which is impossible without email.
        old = EmailAddress.objects.filter(user=self.user, email=self.user.email)
        old.update(verified=True, primary=True)
        return super().save(request)
