"""The provider chain: models in order of preference behind `core.ports.ModelChain`.

Nothing heavy is imported before the first call.
"""

from bot.adapters.models.chain import PydanticAIChain
from bot.adapters.models.ollama import ollama_model
from bot.adapters.models.spec import ModelSpec, checked_url, parse_spec
from bot.adapters.models.timeouts import Timeouts

__all__ = [
    "ModelSpec",
    "PydanticAIChain",
    "Timeouts",
    "checked_url",
    "ollama_model",
    "parse_spec",
]
