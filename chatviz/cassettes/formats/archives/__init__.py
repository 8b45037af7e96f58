"""HAR archives, in JSON and in YAML."""
