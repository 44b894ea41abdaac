"""What the sandbox's store holds, and what happens in it."""
