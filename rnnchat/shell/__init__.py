"""Ghost text in a person's own shell: one warm process behind zsh, bash and fish."""
