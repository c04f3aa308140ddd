"""Single neurons: their surrogate gradient is the derivative of the expected spike."""
