"""Evidence: from a recording that shows a bug to the least that one can post."""
