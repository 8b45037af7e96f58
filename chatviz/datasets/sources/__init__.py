"""Where recordings are found: folders, globs, lists, archives, and stores that fsspec knows."""
