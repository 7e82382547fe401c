"""The front end on GitHub: receives deliveries, translates, speaks to the API, proves who is who.

It imports `core` and never `slack`; both meet in the core.
"""
