"""What a choice holds: text, reasoning, calls, media, sources, and tools that the provider ran."""
