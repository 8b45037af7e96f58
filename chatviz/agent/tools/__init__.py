"""Tools: what a model may call, and how calls are planned and run."""
