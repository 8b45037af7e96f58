"""A plugin for pytest: record a client once, replay it in CI, and see why a test failed.

Only `hooks` is loaded with pytest; the rest when a test asks for one of its fixtures.
"""
