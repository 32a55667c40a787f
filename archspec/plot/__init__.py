"""Pictures: memory over a symbol, memory over a training step, any quantity as a line.

What is drawn is worked out as exact integers in modules of their own; only `canvas` and the modules that draw on it
import matplotlib, which is an extra (`pip install 'archspec-lang[plot]'`).
"""
