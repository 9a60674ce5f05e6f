"""Who asks, in the tests of the CRM."""

import pytest


@pytest.fixture
def sales(sign_in, workspace):
    """A browser in which somebody of the sales staff is signed in."""
    return sign_in(workspace)


@pytest.fixture
def admin(sign_in, workspace):
    """A browser in which an admin is signed in."""
    return sign_in(workspace, "admin")
