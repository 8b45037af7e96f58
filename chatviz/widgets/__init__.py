"""Widgets: what is alive in the browser; traits, a constructor and message handlers each."""
