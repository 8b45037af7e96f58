"""Which fault strikes which chunk of which answer, and what then comes over the wire."""
