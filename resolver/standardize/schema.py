"""Arrow schemas of what standardisation makes: person record, organisation record, and which row gave which.

The columns are described in `docs/data.md`. Linkage, entities and the pipeline import them from here.
"""

import pyarrow as pa

WORD = pa.dictionary(pa.int32(), pa.string())
"""Type of a column that holds few distinct words, such as the feed or the role."""

PERSON_RECORD_SCHEMA = pa.schema(
    [
        pa.field("record_key", pa.int64(), nullable=False),
        pa.field("feed", WORD, nullable=False),
        pa.field("role", WORD, nullable=False),
        pa.field("source_key", pa.string()),
        pa.field("name", pa.string()),
        pa.field("surname", pa.string()),
        pa.field("given", pa.string()),
        pa.field("pinyin", pa.string()),
        pa.field("former_name", pa.string()),
        pa.field("sex", pa.int8()),
        pa.field("birth_date", pa.date32()),
        pa.field("id_type", pa.string()),
        pa.field("id_number", pa.string()),
        pa.field("id_status", pa.string()),
        pa.field("phone", pa.string()),
        pa.field("region", pa.string()),
        pa.field("town", pa.string()),
        pa.field("village", pa.string()),
        pa.field("address", pa.string()),
        pa.field("employer", pa.string()),
        pa.field("employer_code", pa.string()),
        pa.field("household_no", pa.string()),
        pa.field("aid_household_no", pa.string()),
        pa.field("spouse_name", pa.string()),
        pa.field("spouse_id", pa.string()),
        pa.field("mother_name", pa.string()),
        pa.field("mother_id", pa.string()),
        pa.field("father_name", pa.string()),
        pa.field("father_id", pa.string()),
        pa.field("kin_name", pa.string()),
    ]
)

ORGANISATION_RECORD_SCHEMA = pa.schema(
    [
        pa.field("record_key", pa.int64(), nullable=False),
        pa.field("feed", WORD, nullable=False),
        pa.field("role", WORD, nullable=False),
        pa.field("source_key", pa.string()),
        pa.field("name", pa.string()),
        pa.field("core", pa.string()),
        pa.field("former_name", pa.string()),
        pa.field("region", pa.string()),
        pa.field("credit_code", pa.string()),
        pa.field("damaged_code", pa.string()),
        pa.field("organisation_code", pa.string()),
        pa.field("registration_no", pa.string()),
        pa.field("address", pa.string()),
        pa.field("phone", pa.string()),
    ]
)

ROW_RECORD_SCHEMA = pa.schema(
    [
        pa.field("row_id", pa.int64(), nullable=False),
        pa.field("role", WORD, nullable=False),
        pa.field("record_key", pa.int64(), nullable=False),
    ]
)
