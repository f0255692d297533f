"""Rules of the feed: what is said of a dataset, how it is written, what its cache is keyed by. Pure."""
