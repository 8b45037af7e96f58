"""OpenAI's Responses, as OpenAI, Azure, OpenRouter and others send them."""
