"""SQL of the projection: organisations and who works for, owns or represents them; accidents, treatments, findings.

Edges that stand on rows are made from *row facts*: `source`, `target`, `record_key` (of the person's record the row
gave, for the region), `feed`, `row_id`, `valid_from`, `valid_to`, `probability`.
"""

from graph.schema import MAX_ROW_IDS

ORGANISATION_NODES = """
CREATE TEMP TABLE organisation_nodes AS
SELECT organisation_id, CASE kind WHEN 'facility' THEN 'Facility' ELSE 'Employer' END AS label,
    CASE kind WHEN 'facility' THEN 'Facility:' ELSE 'Employer:' END || organisation_id AS id
FROM organisations
"""

# W29 says from when to when, W11 for which month.
EMPLOYMENT_FACTS = """
SELECT 'Person:' || person_id AS source, id AS target, record_key, feed, row_id, valid_from, valid_to,
    probability
FROM (
    SELECT insured_person_id AS person_id, employer_organisation_id AS organisation_id,
        insured_record_key AS record_key, 'W29' AS feed, row_id, valid_from, valid_to,
        insured_link_probability * employer_link_probability AS probability
    FROM enrolments
    UNION ALL
    SELECT insured_person_id, employer_organisation_id, insured_record_key, 'W11', row_id, owed_period,
        last_day(owed_period), insured_link_probability * employer_link_probability
    FROM pension_contributions
) JOIN organisation_nodes USING (organisation_id)
WHERE person_id IS NOT NULL
"""

_ENTERPRISE_FACTS = """
SELECT 'Person:' || {role}_person_id AS source, id AS target, {role}_record_key AS record_key, 'W08' AS feed,
    row_id, valid_from, coalesce(valid_to, ended) AS valid_to,
    {role}_link_probability * enterprise_link_probability AS probability
FROM enterprises JOIN organisation_nodes o ON o.organisation_id = enterprise_organisation_id
LEFT JOIN (
    SELECT enterprise_organisation_id AS gone, min(cancel_date) AS ended FROM enterprise_cancellations GROUP BY 1
) ON gone = enterprise_organisation_id
WHERE {role}_person_id IS NOT NULL
"""
REPRESENTATIVE_FACTS = _ENTERPRISE_FACTS.format(role="representative")
SHAREHOLDER_FACTS = _ENTERPRISE_FACTS.format(role="shareholder")

_NODES_OF_ORGANISATIONS = """
WITH seen AS (
    SELECT organisation_id, r.region, department
    FROM organisation_members m JOIN organisation_records r USING (record_key)
    JOIN organisation_nodes o ON o.organisation_id = m.entity_id LEFT JOIN departments USING (feed)
    UNION
    SELECT organisation_id, g.region, NULL FROM organisations g
    UNION
    SELECT organisation_id, record_facts.region, record_facts.department
    FROM ({people}) facts JOIN organisation_nodes ON id = target JOIN record_facts USING (record_key)
)
SELECT organisation_id::VARCHAR AS key, string_agg(DISTINCT s.region, ',' ORDER BY s.region) AS regions,
    string_agg(DISTINCT s.department, ',' ORDER BY s.department) AS departments,
    any_value(g.name) AS name, any_value(g.credit_code) AS credit_code, {facility_code}
    any_value(g.region) AS region, any_value(g.address) AS address, any_value(g.phone) AS phone,
    any_value(g.ambiguous) AS ambiguous
FROM organisations g JOIN organisation_nodes USING (organisation_id) JOIN seen s USING (organisation_id)
WHERE label = '{label}'
GROUP BY organisation_id
"""


def organisations_sql(label: str) -> str:
    """Nodes of employers or facilities: visible with any of their own records or of the people they stand with."""
    facts = " UNION ALL ".join(
        f"SELECT target, record_key FROM {table}"
        for table in ("employment", "representatives", "shareholders", "provisions")
    )
    code = "any_value(g.facility_code) AS facility_code," if label == "Facility" else ""
    return _NODES_OF_ORGANISATIONS.format(people=facts, facility_code=code, label=label)


def edges_sql(facts: str, properties: str = "") -> str:
    """Edges from row facts, one per source and target."""
    return f"""
    SELECT source, target, '' AS key, max(f.probability) AS probability, min(f.valid_from) AS valid_from,
        CASE WHEN bool_or(f.valid_to IS NULL) THEN NULL ELSE max(f.valid_to) END AS valid_to,
        min(row_id, {MAX_ROW_IDS}) AS row_ids, string_agg(DISTINCT r.region, ',' ORDER BY r.region) AS regions,
        string_agg(DISTINCT d.department, ',' ORDER BY d.department) AS departments{properties}
    FROM {facts} f LEFT JOIN record_facts r USING (record_key) LEFT JOIN departments d ON d.feed = f.feed
    GROUP BY source, target"""


BASIS = ", string_agg(DISTINCT f.feed, ',' ORDER BY f.feed) AS basis"
BASIS_AND_ROWS = f"{BASIS}, count(*) AS n_rows"

# --- accidents -----------------------------------------------------------------------------------------------

PARTIES = """
CREATE TEMP TABLE parties AS
SELECT p.*, left(md5(accident_no), 16) AS accident, CAST(accident_time AS DATE) AS day,
    nullif(regexp_replace(upper(plate_no), '[\\s·.-]', '', 'g'), '') AS plate, r.region
FROM accident_parties p LEFT JOIN record_facts r USING (record_key)
"""

ACCIDENTS = """
SELECT accident AS key, string_agg(DISTINCT region, ',' ORDER BY region) AS regions, 'POLICE' AS departments,
    min(accident_no) AS accident_no, min(accident_time)::VARCHAR AS time, min(place) AS place
FROM parties GROUP BY accident
"""

VEHICLES = """
SELECT left(md5(plate), 16) AS key, string_agg(DISTINCT region, ',' ORDER BY region) AS regions,
    'POLICE' AS departments, plate AS plate_no
FROM parties WHERE plate IS NOT NULL GROUP BY plate
"""

INVOLVED_IN = """
SELECT 'Person:' || person_id AS source, 'Accident:' || accident AS target,
    CASE WHEN row_number() OVER again = 1 THEN '' ELSE row_id::VARCHAR END AS key,
    link_probability AS probability, day AS valid_from, day AS valid_to, [row_id] AS row_ids, region AS regions,
    'POLICE' AS departments, party_role, liability, injury, plate AS plate_no
FROM parties WHERE person_id IS NOT NULL
WINDOW again AS (PARTITION BY person_id, accident ORDER BY row_id)
UNION ALL
SELECT 'Vehicle:' || left(md5(plate), 16), 'Accident:' || accident, '', 1.0, min(day), max(day),
    min(row_id, 8), string_agg(DISTINCT region, ',' ORDER BY region), 'POLICE', NULL, NULL, NULL, plate
FROM parties WHERE plate IS NOT NULL GROUP BY plate, accident
"""

# --- treatments ----------------------------------------------------------------------------------------------

# One line per row. A settlement that was reversed, and its reversal, did not happen; one that came twice did once.
SERVICES = """
CREATE TEMP TABLE services AS
WITH reversed AS (
    SELECT setl_id FROM settlements WHERE reverses IS NOT NULL
    UNION SELECT reverses FROM settlements WHERE reverses IS NOT NULL
)
SELECT 'v' || left(md5(mdtrt_id), 16) AS treatment, 'W28' AS feed, row_id, person_id, record_key,
    link_probability, facility_organisation_id, facility_link_probability, mdtrt_id, NULL AS setl_id, med_type,
    service_begin, coalesce(service_end, service_begin) AS service_end, diagnosis_name, trauma_flag,
    third_party_flag, NULL::DECIMAL(16, 2) AS total_amount,
    NULL::DECIMAL(16, 2) AS fund_amount
FROM visits WHERE mdtrt_id IS NOT NULL
UNION ALL (
    SELECT CASE WHEN mdtrt_id IS NULL THEN 's' || left(md5(setl_id), 16) ELSE 'v' || left(md5(mdtrt_id), 16) END,
        'J05', row_id, person_id, record_key, link_probability, facility_organisation_id,
        facility_link_probability, mdtrt_id, setl_id, med_type, service_begin,
        coalesce(service_end, service_begin), NULL, NULL, NULL, total_amount, fund_amount
    FROM settlements
    WHERE coalesce(mdtrt_id, setl_id) IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM reversed WHERE reversed.setl_id = settlements.setl_id)
    QUALIFY setl_id IS NULL OR row_number() OVER (PARTITION BY setl_id ORDER BY row_id) = 1
)
"""

TREATMENTS = """
SELECT treatment AS key, string_agg(DISTINCT r.region, ',' ORDER BY r.region) AS regions,
    string_agg(DISTINCT d.department, ',' ORDER BY d.department) AS departments,
    min(mdtrt_id) AS visit_no, list(DISTINCT setl_id ORDER BY setl_id) FILTER (setl_id IS NOT NULL)
        AS settlement_nos,
    min(s.med_type) AS med_type, min(service_begin)::VARCHAR AS begin, max(service_end)::VARCHAR AS "end",
    min(diagnosis_name) AS diagnosis, bool_or(trauma_flag) AS trauma, bool_or(third_party_flag) AS third_party,
    sum(total_amount)::DOUBLE AS total_amount, sum(fund_amount)::DOUBLE AS fund_amount
FROM services s LEFT JOIN record_facts r USING (record_key) LEFT JOIN departments d ON d.feed = s.feed
GROUP BY treatment
"""

RECEIVED_FACTS = """
(SELECT 'Person:' || person_id AS source, 'Treatment:' || treatment AS target, record_key, feed, row_id,
    CAST(service_begin AS DATE) AS valid_from, CAST(service_end AS DATE) AS valid_to,
    link_probability AS probability
FROM services WHERE person_id IS NOT NULL)
"""

PROVISION_FACTS = """
SELECT 'Treatment:' || treatment AS source, id AS target, record_key, feed, row_id,
    CAST(service_begin AS DATE) AS valid_from, CAST(service_end AS DATE) AS valid_to,
    facility_link_probability AS probability
FROM services JOIN organisation_nodes o ON o.organisation_id = facility_organisation_id
"""

# A treatment is said to be caused by an accident when a lead for third-party liability (T01) stands on rows of both;
# who may see the finding may see that. One accident of a treatment and one finding per edge.
CAUSED_BY = f"""
WITH leads AS (
    SELECT finding_key, person_id, link_probability, return_to, unnest(row_ids) AS row_id
    FROM findings WHERE rule = 'T01'
)
SELECT 'Treatment:' || treatment AS source, 'Accident:' || accident AS target, '' AS key,
    max(l.link_probability) AS probability, CAST(min(service_begin) AS DATE) AS valid_from,
    CAST(max(service_end) AS DATE) AS valid_to,
    list_sort(list_distinct(list_concat(list(s.row_id), list(p.row_id))))[1:{MAX_ROW_IDS}] AS row_ids,
    min(regions) AS regions, min(nullif(array_to_string(list_sort(l.return_to), ','), '')) AS departments,
    min(l.finding_key)::VARCHAR AS finding, CAST(min(service_begin) AS DATE) - min(p.day) AS days_after
FROM leads l
JOIN services s ON s.row_id = l.row_id AND s.person_id = l.person_id
JOIN leads of_accident ON of_accident.finding_key = l.finding_key
JOIN parties p ON p.row_id = of_accident.row_id
LEFT JOIN person_scope ON person_scope.person_id = l.person_id
GROUP BY treatment, accident
"""

# --- findings ------------------------------------------------------------------------------------------------

FINDINGS = """
SELECT finding_key::VARCHAR AS key, regions, nullif(array_to_string(list_sort(return_to), ','), '') AS departments,
    rule, severity, direction, route, since, until, amount::DOUBLE AS amount, suppressed_by
FROM findings LEFT JOIN person_scope USING (person_id)
"""

ABOUT = """
SELECT 'Finding:' || finding_key AS source, target, '' AS key, link_probability AS probability,
    since AS valid_from, until AS valid_to, row_ids[1:8] AS row_ids, regions,
    nullif(array_to_string(list_sort(return_to), ','), '') AS departments
FROM (
    SELECT *, 'Person:' || person_id AS target FROM findings WHERE person_id IS NOT NULL
    UNION ALL
    SELECT *, 'Person:' || other_person_id FROM findings
    WHERE other_person_id IS NOT NULL AND other_person_id IS DISTINCT FROM person_id
    UNION ALL
    SELECT findings.*, id FROM findings JOIN organisation_nodes USING (organisation_id)
) LEFT JOIN person_scope USING (person_id)
"""

EVIDENCED_BY = """
SELECT 'Finding:' || finding_key AS source, 'Record:' || record_key AS target, '' AS key,
    any_value(f.link_probability) AS probability, any_value(since) AS valid_from, any_value(until) AS valid_to,
    list_sort(list(row_id))[1:8] AS row_ids, any_value(r.region) AS regions,
    any_value(nullif(array_to_string(list_sort(return_to), ','), '')) AS departments
FROM (SELECT * EXCLUDE (record_keys, row_ids), unnest(record_keys) AS record_key, unnest(row_ids) AS row_id
      FROM findings) f
JOIN record_facts r USING (record_key)
GROUP BY finding_key, record_key
"""
