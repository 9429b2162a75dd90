"""The flow report: what it records, and how it shows it."""
