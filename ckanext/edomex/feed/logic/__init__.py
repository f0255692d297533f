"""Reading the catalogue: which datasets are public, and the fragment of each."""
