"""What each agency holds and when it will open it: inventories and opening plans, the first half of the Autoservicio."""
