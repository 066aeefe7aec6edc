"""The API: one module an area, each with a `blueprint` of endpoints; see the OpenAPI document it makes of itself."""
