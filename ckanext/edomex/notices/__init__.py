"""Tells people what concerns them: an inbox in the portal, letters at once or once a day."""
