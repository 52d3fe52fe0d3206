"""Crash, hostile input and load. `make test` runs a small share of each (tests/crash/test_soak.py), `make soak` all of it."""
