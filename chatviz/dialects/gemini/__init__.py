"""Google's Gemini, as AI Studio and Vertex AI serve it."""
