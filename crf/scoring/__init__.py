"""Rules room of floor 1: published instruments, from the answers to their items to scores.

Items are known by their numbers only; the wording of several instruments is licensed and stands nowhere here.
"""
