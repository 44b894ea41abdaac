"""The stories: what a run does, from top to bottom. They join the parts and hold the order of steps."""
