"""An ordinary day of the portal, at a bounded rate: people at work, readers, and a watch over memory and logs."""
