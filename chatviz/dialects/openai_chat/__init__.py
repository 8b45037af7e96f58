"""OpenAI-style chat completions, as OpenAI and everyone who copies them send them."""
