-- Floor and ceiling of contribution bases by year of contribution: 60 % and 300 % of the average wage that the
-- jurisdiction gives for that year; empty where it gives none.
SELECT year, wage * 0.6 AS floor, wage * 3 AS ceiling, provisional
FROM given_wages
