"""The tool loop: ask a model, run the tools that it calls, send their results back, ask again."""
