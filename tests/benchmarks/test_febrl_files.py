import pandas as pd

from benchmarks.linkage_data.febrl import write


def test_tables_and_truth_belong_together(tmp_path):
    files = write(tmp_path)
    assert [f.name for f in files] == ["febrl3.csv", "febrl4a.csv", "febrl4b.csv"]
    for file in files:
        table, truth = pd.read_csv(file, dtype=str), pd.read_csv(file.with_suffix(".truth.csv"), dtype=str)
        assert len(table) == 5000
        assert (table["rec_id"] == truth["record_id"]).all()
        assert truth["entity_id"].nunique() == (2000 if file.name == "febrl3.csv" else 5000)
