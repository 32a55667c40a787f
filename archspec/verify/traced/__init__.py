"""What a framework really holds, keeps and computes.

Nothing here imports the rest of archspec (a lint enforces it): a number that both sides get wrong in the same way would
prove nothing. Frameworks are imported inside the modules that measure them, never by this file.
"""
