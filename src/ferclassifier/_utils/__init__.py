"""What several rooms use; it imports nothing else of the package."""
