"""What a call costs, from prices that ship inside genai-prices; nothing is fetched."""

from bot.adapters.models.spec import ModelSpec
from core.models import Usage


def priced(spec: ModelSpec, input_tokens: int, output_tokens: int) -> Usage:
    """Return the usage of one call; the price is None where nobody knows it."""
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        calls=1,
        usd=_usd(spec, input_tokens, output_tokens),
    )


def _usd(spec: ModelSpec, input_tokens: int, output_tokens: int) -> float | None:
    if spec.provider == "ollama":
        return 0.0
    if spec.is_elsewhere or spec.provider == "heroku":
        return None
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        return float(calc_price(tokens, spec.model, provider_id=spec.provider).total_price)
    except LookupError:
        return None
