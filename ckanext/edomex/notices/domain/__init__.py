"""Rules of notices: who is concerned, how they are told, what a letter may say; no framework, no clock."""
