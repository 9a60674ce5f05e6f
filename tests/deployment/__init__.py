"""Settings, server, logs and backups as they are deployed."""
