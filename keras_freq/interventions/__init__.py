"""One engine below every analysis: change images, and collect what a model answers."""
