"""What the release loops do: flip what is due, drain the outbox, sleep until the next instant."""
