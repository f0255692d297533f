"""What loops do for copies elsewhere."""
