"""The base of stored and sent values."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that is stored or sent; unknown keys of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
