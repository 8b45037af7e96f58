"""What of each prompt a cache could know, what it gave, and where the prompts part."""
