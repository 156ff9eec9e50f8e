"""What was sent, told again from the recipe."""
