"""What every flow needs: inject, debug, catch, delay, links."""
