"""Harvesting in, and one day sync out: ckanext-harvest's engine with its doors closed."""
