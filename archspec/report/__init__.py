"""What is asked of a model, gathered and shown: as JSON, in a terminal, as Markdown, CSV or HTML."""
