"""What is left of a review that was posted twice."""


def repeated_review(first_url: str, marker: str) -> str:
    """Return the one line that leads to the review that stands."""
    return f"Posted twice by mistake; [the first one]({first_url}) stands.\n\n{marker}"
