"""Rules of the door: where a request comes from, how long to wait, what a second factor is."""
