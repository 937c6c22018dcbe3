"""What a comment means, from training text to trained arrays: corpus, augmentation, fitting. Not needed to serve a room."""
