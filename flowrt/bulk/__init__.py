"""Replays by columns: the live engine sees what matters, numpy skips the rest.

Nodes keep their state themselves, and whatever one of them gives comes from the very method that
gives it live, in the order in which it would come live. So the records are the same.
"""
