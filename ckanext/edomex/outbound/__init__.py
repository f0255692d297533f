"""Sync out: the portal's copies elsewhere follow it, withdrawals included."""
