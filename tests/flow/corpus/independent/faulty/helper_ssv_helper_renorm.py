def unit_rows(p):
    rows = p.data
    norms = rows.norm(dim=1, keepdim=True)
    rows.div_(norms)  # expect: stale-saved-value
