"""What can happen on this GitHub, whether through its API or by a person's hand.

Each act changes the world, keeps the timeline and sends the App the events that GitHub sends.
"""
