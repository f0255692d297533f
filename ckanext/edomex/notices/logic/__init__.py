"""Actions of notices, who may call them, and how a happening becomes a notice for each person concerned."""
