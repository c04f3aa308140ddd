"""Figure 7: a deep recurrent network learns to tell spoken digits apart."""
