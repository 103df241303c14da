"""Rules of floor 3: the synthetic cohort of t1-salvage, made from published rates and a seed."""
