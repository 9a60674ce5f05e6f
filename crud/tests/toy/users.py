"""Users of the toy app: the name that the test's client sends decides what they may do."""

from dataclasses import dataclass

PERMISSIONS = {
    "editor": {"view", "add", "change", "delete"},
    "other": {"view", "add", "change", "delete"},
    "reader": {"view"},
    "visitor": set(),
}


@dataclass(frozen=True)
class ToyUser:
    name: str
    is_authenticated = True

    @property
    def pk(self):
        return [*PERMISSIONS].index(self.name) + 1

    def has_perm(self, permission):
        return permission.removeprefix("toy.").partition("_")[0] in PERMISSIONS[self.name]


def toy_user_middleware(get_response):
    def middleware(request):
        request.user = ToyUser(request.META["REMOTE_USER"])
        return get_response(request)

    return middleware
