"""Side-by-side timings of upriver and its peers: ``python -m benchmarks`` (see ``docs/benchmarks.md``).

* ``workload``: what a workload is: programs, the quantities it shows, the goals they are held to.
* ``workloads/``: one file a workload.
* ``child``: runs one program in a process of its own; ``memory`` meters it.
* ``runner``: starts the children in turn, checks their results equal, collects their figures.
* ``compare``: medians, ratios, goals. ``table``: the same as text, Markdown and JSON.
* ``machine``: where it ran.
"""
