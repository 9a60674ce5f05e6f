"""Where allauth's ways of keeping accounts are not strict enough for ours."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages

from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """An address is one account's, whether or not it was ever confirmed."""

    def confirm_email(self, request, email_address):
        # allauth looks at confirmed addresses only; where there is no mail, none is. The database would
        # refuse the second account of one address, as an error instead of a sentence.
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            context = {"email": email_address.email}
            self.add_message(
                request, messages.ERROR, "account/messages/email_confirmation_failed.txt", context
            )
            return False
        return super().confirm_email(request, email_address)
