"""Domain folder `people`: leads, follow-ups, students, guardians, cards. Others use `api` only."""
