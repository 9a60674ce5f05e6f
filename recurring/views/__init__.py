"""The pages of Recurring Revenue."""
