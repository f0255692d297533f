"""Review, schedule and release: the only room that may make a dataset public."""
