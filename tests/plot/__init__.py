"""Pictures: what they show, and that the files of the documentation are as they are made now."""
