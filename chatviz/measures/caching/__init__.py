"""Why a prompt cache was missed: requests as prompts, what changed in them, how long was waited."""
