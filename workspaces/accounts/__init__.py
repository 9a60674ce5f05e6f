"""Sign-up, sign-in, two-factor authentication, sessions and passwords, on django-allauth."""
