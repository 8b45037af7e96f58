"""The command line: recordings are shown, checked, tabled, converted and served from a terminal."""
