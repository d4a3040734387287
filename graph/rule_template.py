"""The file of a new rule, to be filled in."""

import re

from resolver.errors import SettingsError

_ID = re.compile(r"[A-Z]{1,3}\d{1,3}")

_TEMPLATE = """\
-- id = "{id}"
-- title = "规则名称"
-- title_en = "What is wrong, in a few words"
-- basis = "文件号 §; or 推导"
-- feeds = ["W01", "W29"]
-- needs = ["W01", "W29"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["death_date", "days"]
-- fires = "When exactly a finding is raised: on which day, beyond which grace, and what does not count."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

SELECT d.person_id,
    list(DISTINCT d.row_id ORDER BY d.row_id) AS row_ids,
    min(d.death_date) AS since,
    '' AS subject,
    min(d.death_date) AS death_date,
    max(r.reference_date - d.death_date) AS days
FROM deaths d
JOIN enrolments e ON e.person_id = d.person_id AND e.status = 'normal' AND e.valid_to IS NULL
CROSS JOIN reference r
WHERE r.reference_date - d.death_date > $grace_days
GROUP BY d.person_id

-- [[examples]]
-- what = "the day before, on and after"
-- rows = \'\'\'
-- W01 deceased=1 certificate_no=c1 death_time=@
-- W29 insured=1 psn_no=p1 insutype=310 status=normal start_date=2020-01-01
-- \'\'\'
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01"]
"""


def rule_template(rule_id: str) -> str:
    """The text of a rule file that can be read, tried and run as it stands.

    Raises:
        SettingsError: The id is not one to three capitals and a number.
    """
    if not _ID.fullmatch(rule_id):
        raise SettingsError(
            f"{rule_id!r} cannot be the id of a rule",
            remedy="One to three capitals and a number, such as Z01.",
        )
    return _TEMPLATE.format(id=rule_id)
