"""The demonstration catalogue: real INEGI data and invented data that says so, as pure values without CKAN."""
