"""Ollama's chat and its older completion of one prompt: JSON lines, each with a true clock."""
