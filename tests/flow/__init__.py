"""The flow report: sites, names, holders, recorders and what they say."""
