"""A simulated battery plant: cells, racks, inverter, weather, sensors, and what goes wrong.

One object, `Plant`, serves the demo, the tests and the training of models. It knows neither node
nor clock: it is told how long to go on, and the same seed gives the same plant. Needs numpy.
"""
