"""Benchmarks, one module for each room: `make bench B=<room>` (docs/benchmarks.md)."""
