"""Stricter versions of allauth's account rules."""

import logging
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from crud.parsing.email_addresses import validate_email
from workspaces.accounts.known_browsers import attempts_key
from workspaces.accounts.passwords.validators import MaxLengthValidator
from workspaces.accounts.rate_limits import normalize_ip
from workspaces.members.invitations import pending_invitation
from workspaces.models import User

logger = logging.getLogger("workspaces.mail")
UNSENT = "mail_unsent"  # session key: the last email that the user waits for was not sent
CLAIMS = {"account/messages/email_confirmation_sent.txt"}  # messages that claim an email was sent


class AccountAdapter(DefaultAccountAdapter):
    """Enforces that an email address, confirmed or not, belongs to one account; limits its emails."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again."),
    }

    is_awaited = True  # True if the user waits for the email

    def send_mail(self, template_prefix, email, context):
        """Send the email, or report the failure; the change that it is about stays committed.

        Whether the address is somebody's makes no difference: both get a message, or the same word on it.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            logger.exception("a message could not be sent")
            is_sent = False
        else:
            is_sent = True
        if self.is_awaited:
            self.tell(email, is_sent)
        return is_sent

    def tell(self, email, is_sent):
        """Also store the message in the session: the next page is a different request."""
        if is_sent:
            self.request.session.pop(UNSENT, None)
        else:
            self.request.session[UNSENT] = True
            sentence = _("The email to %(email)s couldn’t be sent. Try again in a few minutes.") % {
                "email": email
            }
            messages.error(self.request, sentence)

    def send_notification_mail(self, *args, **options):
        self.is_awaited = False  # a notification of a completed change
        super().send_notification_mail(*args, **options)

    def add_message(self, request, level, message_template=None, *args, **options):
        if message_template not in CLAIMS or UNSENT not in request.session:
            super().add_message(request, level, message_template, *args, **options)

    def clean_email(self, email):
        validate_email(email)  # allauth's forms also accept IP address domains
        return super().clean_email(email)

    def confirm_email(self, request, email_address):
        # allauth checks confirmed addresses only, and without email none are confirmed. The database would
        # reject a second account with this address, but with an error instead of a message.
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            context = {"email": email_address.email}
            self.add_message(
                request, messages.ERROR, "account/messages/email_confirmation_failed.txt", context
            )
            return False
        return super().confirm_email(request, email_address)

    def is_open_for_signup(self, request):
        return settings.SIGN_UP == "open" or (
            settings.SIGN_UP == "invited" and pending_invitation(request) is not None
        )

    def is_safe_url(self, url):
        try:
            return super().is_safe_url(url)
        except ValueError:  # not a valid URL: http://[
            return False

    def authenticate(self, request, **credentials):
        # No valid password is longer, and hashing it would allow a denial of service.
        MaxLengthValidator().validate(credentials.get("password", ""))
        return super().authenticate(request, **credentials)

    def get_client_ip(self, request):
        try:
            return normalize_ip(super().get_client_ip(request))
        except ImproperlyConfigured:
            # Fewer proxies than TRUSTED_PROXIES: the request bypassed one. Use the next hop, do not fail.
            return normalize_ip(clean_client_ip(request.META["REMOTE_ADDR"]) or "127.0.0.1")

    def _get_login_attempts_cache_key(self, request, **credentials):
        # allauth's key contains the request's host and port, which an attacker can vary at will:
        # each Host header would allow five more attempts.
        return attempts_key(request, credentials.get("email", ""))
