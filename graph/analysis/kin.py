"""Who is kin for the looks at a whole snapshot: relatives on record, and members of one household."""

KIN = """
SELECT DISTINCT person_id, kin_person_id FROM kinship
UNION
SELECT kin_person_id, person_id FROM kinship
UNION
SELECT a.person_id, b.person_id FROM households a JOIN households b USING (household_id)
WHERE NOT a.flagged AND a.person_id <> b.person_id
"""
"""SELECT of `person_id`, `kin_person_id`, in both directions; doubtful households (`flagged`) make nobody kin."""
