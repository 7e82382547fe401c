"""Records as GitHub's JSON, with the field names of its OpenAPI description."""
