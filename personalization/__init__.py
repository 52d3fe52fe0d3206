"""3–5 photos in, a Concept out: which photos are usable, the vectors that mean what they show, the workers that learn."""
