"""The composition root: settings in, processes and commands out; one module for each of them."""
