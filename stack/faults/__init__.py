"""What crash tests and the soak need beside the stack: hosts with a network of their own, faults, and the comparison afterwards."""
