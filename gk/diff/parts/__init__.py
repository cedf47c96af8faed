"""What differs between two documents, part by part."""
