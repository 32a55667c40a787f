"""The ledger of a program: terms by role, dtype, path and kind, of which every quantity is a view."""
