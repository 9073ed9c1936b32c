"""Finding records that are about the same company or person: names in one form, evidence, scores, and candidates."""
