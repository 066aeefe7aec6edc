"""The pure interpreter: `advance(program, state, command, env) -> (state, effects)`."""
