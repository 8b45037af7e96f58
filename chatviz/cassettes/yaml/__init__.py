"""YAML in and out, within limits; knows no cassette."""
