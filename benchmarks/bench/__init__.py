"""The parts of `benchmarks/bench.py`: feed, floor, peers, and how they are measured."""
