"""Seals what the rooms write down of every step, proves that nothing of it was changed, and gives each step its folio."""
