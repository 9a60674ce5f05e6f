from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's m=46 MiB, t=1, p=1: Django's default takes 100 MB for each sign-in."""

    time_cost = 1
    memory_cost = 47104
    parallelism = 1
