"""Rules of the audit: the chain, what can be wrong with it, folios; no framework, no clock."""
