"""Tables of made-up persons with their truth, for benchmarks of linkage engines. They share no code with the engine."""
