"""Work on many parts at once: in processes here, by Dask, or by Ray.

The interface is narrow: a function that can be pickled, its parts, and results in the parts'
order. A part whose worker has died is done again, so the function must be able to begin anew.
"""
