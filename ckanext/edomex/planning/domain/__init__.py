"""Rules of inventories and opening plans; no framework, no clock."""
