"""A deep recurrent network learns to classify spoken digits."""
