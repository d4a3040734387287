"""SQL of the projection: persons, their records, and what their records say of addresses, phones and numbers.

`record_facts` is the foundation of all scoping: one line per record of a person, with the department that sent it,
the region it speaks of (its person's where it gives none), its rows and the days they hold.
"""

from graph.schema import MAX_ROW_IDS
from resolver.feeds.contract import Contract

ROWS_OF_RECORDS = """
SELECT {role}_record_key AS record_key, row_id, {dates} FROM {view} WHERE {role}_record_key IS NOT NULL
"""


def record_rows_sql(contracts: list[Contract]) -> str:
    """Rows and validity per person record. An event says when it happened, not how long what it tells holds."""
    parts = [
        ROWS_OF_RECORDS.format(
            role=entity.role,
            view=contract.view,
            dates="NULL::DATE AS valid_from, NULL::DATE AS valid_to, true AS is_event"
            if contract.kind == "event"
            else "valid_from, valid_to, false AS is_event",
        )
        for contract in contracts
        for entity in contract.entities
        if entity.kind == "person"
    ]
    return f"""
    CREATE TEMP TABLE record_rows AS
    SELECT record_key, count(*) AS n_rows, min(row_id, {MAX_ROW_IDS}) AS row_ids, min(valid_from) AS valid_from,
        CASE WHEN bool_or(valid_to IS NULL AND NOT is_event) THEN NULL ELSE max(valid_to) END AS valid_to
    FROM ({" UNION ALL ".join(parts)}) GROUP BY record_key"""


RECORD_FACTS = """
CREATE TEMP TABLE record_facts AS
SELECT record_key, entity_id AS person_id, feed::VARCHAR AS feed, role::VARCHAR AS role, department,
    coalesce(r.region, p.region) AS region, path_probability AS probability, coalesce(n_rows, 0) AS n_rows,
    coalesce(row_ids, []) AS row_ids, valid_from, valid_to, r.* EXCLUDE (record_key, feed, role, region),
    r.region AS own_region, parent_record_key, link_probability
FROM members m JOIN records r USING (record_key)
JOIN persons p ON p.person_id = m.entity_id
LEFT JOIN departments USING (feed)
LEFT JOIN record_rows USING (record_key)
"""

PERSON_SCOPE = """
CREATE TEMP TABLE person_scope AS
SELECT person_id, string_agg(DISTINCT region, ',' ORDER BY region) AS regions,
    string_agg(DISTINCT department, ',' ORDER BY department) AS departments,
    list(DISTINCT pinyin ORDER BY pinyin) FILTER (pinyin IS NOT NULL) AS pinyin
FROM record_facts GROUP BY person_id
"""

PERSONS = """
SELECT person_id::VARCHAR AS key, regions, departments, name, former_names, pinyin, sex::BIGINT AS sex, birth_date,
    id_type, id_number, id_numbers, phone, phones, region, town, village, address, n_records::BIGINT AS n_records,
    ambiguous
FROM persons LEFT JOIN person_scope USING (person_id)
"""

RECORDS = """
SELECT record_key::VARCHAR AS key, region AS regions, department AS departments, feed, role, source_key, name
FROM record_facts
"""

RESOLVES_TO = """
SELECT 'Record:' || record_key AS source, 'Person:' || person_id AS target, '' AS key, probability,
    valid_from, valid_to, row_ids, region AS regions, department AS departments, n_rows::BIGINT AS n_rows
FROM record_facts
"""

SAME_AS = """
SELECT 'Record:' || x.record_key AS source, 'Record:' || x.parent_record_key AS target, '' AS key,
    x.link_probability AS probability, NULL::DATE AS valid_from, NULL::DATE AS valid_to,
    []::BIGINT[] AS row_ids,
    array_to_string(list_sort(list_distinct([x.region, y.region])), ',') AS regions,
    array_to_string(list_sort(list_distinct([x.department, y.department])), ',') AS departments, match_weight
FROM record_facts x JOIN record_facts y ON y.record_key = x.parent_record_key
LEFT JOIN pairs ON record_key_l = least(x.record_key, x.parent_record_key)
    AND record_key_r = greatest(x.record_key, x.parent_record_key)
"""

# What a record says about its person, as (label, key) of the node it leads to. The phone on a death or cremation
# certificate is the informant's, the address of an enterprise is not its representative's home.
VALUES = {
    "Address": """
        SELECT *, left(md5(concat_ws('|', coalesce(own_region, ''), coalesce(town, ''), coalesce(village, ''),
            address)), 16) AS key
        FROM record_facts WHERE address IS NOT NULL AND feed <> 'W08'""",
    "Phone": """
        SELECT *, left(md5(phone), 16) AS key FROM record_facts
        WHERE phone IS NOT NULL AND feed NOT IN ('W01', 'W05')""",
    "IdentityNumber": """
        SELECT *, left(md5(id_number), 16) AS key FROM record_facts
        WHERE id_number IS NOT NULL AND id_status NOT IN ('placeholder', 'missing')""",
}
VALUE_PROPERTIES = {
    "Address": "min(own_region) AS region, min(town) AS town, min(village) AS village, min(address) AS address",
    "Phone": "min(phone) AS number",
    # the better of what several feeds made of the same number
    "IdentityNumber": "min(id_number) AS number, arg_min(id_type, (rank, id_type)) AS id_type, "
    "arg_min(id_status, rank) AS status",
}
_RANK = "list_position(['valid', 'legacy', 'checksum', 'format', 'rounded'], id_status)"


def value_nodes_sql(label: str) -> str:
    """Nodes of values that records give: an address, a phone, a number."""
    return f"""
    SELECT key, string_agg(DISTINCT region, ',' ORDER BY region) AS regions,
        string_agg(DISTINCT department, ',' ORDER BY department) AS departments, {VALUE_PROPERTIES[label]}
    FROM (SELECT *, {_RANK} AS rank FROM ({VALUES[label]})) GROUP BY key"""


def value_edges_sql(label: str) -> str:
    """Edges from persons to the values their records give, one per person and value."""
    surviving = ", bool_or(v.id_number = persons.id_number) AS surviving" if label == "IdentityNumber" else ""
    return f"""
    SELECT 'Person:' || person_id AS source, '{label}:' || key AS target, '' AS key,
        max(v.probability) AS probability, min(v.valid_from) AS valid_from,
        CASE WHEN bool_or(v.valid_from IS NOT NULL AND v.valid_to IS NULL) THEN NULL ELSE max(v.valid_to) END
            AS valid_to,
        list_sort(flatten(list(v.row_ids)))[1:{MAX_ROW_IDS}] AS row_ids,
        string_agg(DISTINCT v.region, ',' ORDER BY v.region) AS regions,
        string_agg(DISTINCT v.department, ',' ORDER BY v.department) AS departments,
        string_agg(DISTINCT v.feed, ',' ORDER BY v.feed) AS basis, sum(v.n_rows)::BIGINT AS n_rows{surviving}
    FROM ({VALUES[label]}) v JOIN persons USING (person_id) GROUP BY person_id, v.key"""


_BOTH = """array_to_string(list_sort(list_distinct(list_concat(
        string_split(coalesce(x.{0}, ''), ','), string_split(coalesce(y.{0}, ''), ',')))), ',')"""

KIN = f"""
SELECT 'Person:' || {{source}} AS source, 'Person:' || {{target}} AS target,
    CASE WHEN count(*) OVER (PARTITION BY person_id, kin_person_id, relation) > 1
        THEN coalesce(valid_from::VARCHAR, '') || '/' || coalesce(valid_to::VARCHAR, '') ELSE '' END AS key,
    probability, valid_from, valid_to, [row_id] AS row_ids, ltrim({_BOTH.format("regions")}, ',') AS regions,
    department AS departments, basis
FROM kinship JOIN person_scope x USING (person_id) JOIN person_scope y ON y.person_id = kin_person_id
LEFT JOIN departments ON feed = basis
WHERE {{which}}
"""
SPOUSE_OF = KIN.format(
    source="person_id", target="kin_person_id", which="relation = 'spouse' AND person_id < kin_person_id"
)
PARENT_OF = KIN.format(source="kin_person_id", target="person_id", which="relation = 'parent'")

HOUSEHOLDS = """
SELECT household_id::VARCHAR AS key, string_agg(DISTINCT region, ',' ORDER BY region) AS regions,
    any_value(department) AS departments, min(kind) AS kind, count(DISTINCT person_id) AS n_members,
    bool_or(flagged) AS flagged
FROM households h LEFT JOIN departments ON feed = basis
LEFT JOIN (SELECT person_id, unnest(string_split(regions, ',')) AS region FROM person_scope) USING (person_id)
GROUP BY household_id
"""

MEMBER_OF = """
SELECT 'Person:' || person_id AS source, 'Household:' || household_id AS target, '' AS key, probability,
    valid_from, valid_to, []::BIGINT[] AS row_ids, regions, department AS departments, relation, basis
FROM households JOIN person_scope USING (person_id) LEFT JOIN departments ON feed = basis
"""
