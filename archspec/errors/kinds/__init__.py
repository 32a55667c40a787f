"""Kinds of errors and warnings by topic, as data: `archspec.errors.catalogue` is the table of them all."""
