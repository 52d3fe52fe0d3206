"""What is in a real photo: faces, persons with mattes, who they are, how they stand. No words, no storage."""
