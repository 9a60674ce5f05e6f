"""Password validators and hashers."""
