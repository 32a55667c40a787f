"""Formulas against the frameworks: a spec's derived numbers beside those of a traced model.

`derived` is the side of archspec, `traced` that of the frameworks; they meet in `compare` and share the records of
`traced.records`, which only hold values.
"""
