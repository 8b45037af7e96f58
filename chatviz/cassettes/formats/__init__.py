"""The formats in which recordings are kept, one file each."""
