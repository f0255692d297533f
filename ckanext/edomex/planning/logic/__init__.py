"""Actions of inventories and opening plans, and who may call them."""
