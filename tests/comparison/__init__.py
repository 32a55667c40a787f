"""archspec beside other tools, on cases where some of them are wrong."""
