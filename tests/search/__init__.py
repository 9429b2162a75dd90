"""Tests that look for what nobody thought of: random programs, long chains, leaks."""
