"""Rules of a release: its states, its date, what is frozen by an approval. Pure."""
