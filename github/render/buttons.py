"""The buttons of a check run; what they say to Argus when they are pressed is in `triggers`.

At most three. https://docs.github.com/rest/checks/runs#create-a-check-run
"""

from dataclasses import dataclass

from core.models import Delivery, OutcomeKind, Place


@dataclass(frozen=True, slots=True)
class Button:
    """A button: a label of at most 20 characters, and in at most 40 what it does."""

    name: str
    label: str
    description: str

    def action(self, number: int) -> dict[str, str]:
        """Return it for a pull request, which GitHub does not name for one of a fork.

        The identifier has 20 characters at most.
        """
        return {
            "identifier": f"{self.name}:{number}",
            "label": self.label,
            "description": self.description,
        }


REVIEW = Button("review", "Re-review", "Read all of this commit again.")
DISMISS = Button("dismiss-all", "Dismiss all", "Set all open findings aside.")
PAUSE = Button("pause", "Pause", "Stop reviewing new commits unasked.")
RESUME = Button("resume", "Resume", "Review new commits by itself again.")


def buttons(delivery: Delivery) -> list[dict[str, str]]:
    """Return what can be done about a pull request in the state that a delivery tells."""
    outcome = delivery.outcome
    if outcome is not None and outcome.kind is OutcomeKind.CANCELLED:
        return []
    offered = [REVIEW] if outcome is not None else []
    if outcome is not None and outcome.record is not None and outcome.record.at(*Place):
        offered.append(DISMISS)
    offered.append(RESUME if delivery.paused else PAUSE)
    return [button.action(delivery.ref.number) for button in offered]
