"""Stock actions that every room needs mended."""
