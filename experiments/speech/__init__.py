"""Figure 7: a deep recurrent network learns to classify spoken digits."""
