"""Deep recurrent networks that learn to classify spoken digits."""
