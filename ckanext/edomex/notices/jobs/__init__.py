"""What the release loops do for notices: hear what happened, compose the daily letters, hand letters to the mail server."""
