"""What the whole job costs: measured beside its own bare SQL, hand-written SQL and a usual stack.

`python -m benchmarks` runs a sitting and stores every measurement; `table` prints what is stored.
It knows the demo, because it makes its feeds; nothing of the pipeline knows of it.
"""
