"""What tests of the house's own parts share."""

from ckanext.edomex.tests.loopback import reply, web

__all__ = ["reply", "web"]
