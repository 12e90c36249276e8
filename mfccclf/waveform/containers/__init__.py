"""Read what is inside each kind of sound file; the content decides, not the name."""
