"""OpenAI's older completions of a prompt: chat completions whose choices hold text."""
