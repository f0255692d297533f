"""Actions of a release: each one mutation, with its access, rule, event and follow-up in that order."""
