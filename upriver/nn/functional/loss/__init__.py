"""Losses: of numbers (`regression`), of classes (`classification`) and of pairs and triples (`ranking`)."""
