"""The statements of the search for duplicates: the tables of one run, which records are compared, and the queue."""

from customers.duplicates import scoring
from customers.duplicates.blocking import MOST
from customers.models import Customer

TABLES = """
CREATE TEMP TABLE duplicate_record (
    id bigint, kind text, parts text, core text, is_han boolean, code text, province text, city text, site bigint,
    keys bigint[], crossing bigint[]
) ON COMMIT DROP;
CREATE TEMP TABLE duplicate_score (first bigint, second bigint, score smallint, reasons jsonb) ON COMMIT DROP;
"""
# Fingerprints become keys of 64 bits; a chance meeting of two is weighed like any other pair, and falls through.
CANDIDATES = f"""
CREATE TEMP TABLE duplicate_candidate ON COMMIT DROP AS
WITH point AS NOT MATERIALIZED (
    SELECT {{holder}} AS id, kind, digest, tokens[2] AS domain FROM customers_contactpoint
    WHERE {{holder}} IS NOT NULL AND deleted_at IS NULL AND kind IN ('mobile', 'phone', 'email')
), duplicate_key AS (
    SELECT unnest(keys) AS key, id FROM duplicate_record
    UNION ALL SELECT ('x' || encode(substring(digest FROM 1 FOR 8), 'hex'))::bit(64)::bigint, id FROM point
    UNION ALL SELECT domain + 1099511627776, id FROM point
    WHERE %(by_domain)s AND kind = 'email' AND NOT domain = ANY(%(providers)s)
    UNION ALL SELECT site + 1099511627776, id FROM duplicate_record WHERE site IS NOT NULL
), duplicate_crossing AS (
    SELECT unnest(crossing) AS key, id, is_han FROM duplicate_record
)
SELECT first, second FROM (
    SELECT first, unnest(ids) AS second FROM (
        SELECT unnest(ids) AS first, ids FROM (
            SELECT array_agg(DISTINCT id) AS ids FROM duplicate_key GROUP BY key HAVING count(*) BETWEEN 2 AND {MOST}
        ) AS together
    ) AS one
) AS both_ways WHERE first < second
UNION
SELECT least(a, b), greatest(a, b)
FROM (SELECT array_agg(id) FILTER (WHERE is_han) AS han, array_agg(id) FILTER (WHERE NOT is_han) AS latin
      FROM duplicate_crossing
      WHERE key IN (SELECT unnest(crossing) FROM duplicate_record WHERE NOT is_han)
      GROUP BY key HAVING count(*) <= {MOST} AND bool_or(is_han) AND NOT bool_and(is_han))
     AS together, unnest(han) AS a, unnest(latin) AS b
"""
SIDES = """
CREATE TEMP TABLE duplicate_side ON COMMIT DROP AS
WITH point AS (
    SELECT {holder} AS id, kind = 'email' AS is_email, digest,
           CASE WHEN kind = 'email' AND NOT tokens[2] = ANY(%(providers)s) THEN tokens[2] END AS domain
    FROM customers_contactpoint
    WHERE {holder} IS NOT NULL AND deleted_at IS NULL AND kind IN ('mobile', 'phone', 'email')
    UNION ALL SELECT id, NULL, NULL, site FROM duplicate_record WHERE site IS NOT NULL
), reached AS (
    SELECT id, array_agg(digest) FILTER (WHERE NOT is_email) AS phones,
           array_agg(digest) FILTER (WHERE is_email) AS emails,
           array_agg(domain) FILTER (WHERE domain IS NOT NULL) AS domains
    FROM point GROUP BY id
)
SELECT id, kind, core, is_han, code, province, city, phones, emails, domains
FROM duplicate_record LEFT JOIN reached USING (id)
"""
# SQL: never fewer bits than scoring.companies finds, since names are taken to be as alike as they can be.
MOST_BITS = f"""
    {scoring.COMPANY_PRIOR}::float8
    + CASE WHEN a.core = b.core THEN {scoring.MOST_EQUAL}::float8
           WHEN a.is_han = b.is_han THEN {scoring.MOST_ALIKE} ELSE {scoring.MOST_CROSSING} END
    + CASE WHEN a.code = b.code THEN {scoring.SAME_CODE}::float8
           WHEN a.code <> b.code THEN {scoring.LIKE_CODE} ELSE 0 END
    + CASE WHEN a.province <> b.province THEN {scoring.OTHER_PROVINCE}::float8
           WHEN a.city <> b.city THEN {scoring.OTHER_CITY} WHEN a.city = b.city THEN {scoring.SAME_CITY}
           WHEN a.province = b.province THEN {scoring.SAME_PROVINCE} ELSE {scoring.NO_PLACE} END
    + CASE WHEN a.emails && b.emails THEN {scoring.SAME_EMAIL}::float8 ELSE 0 END
    + CASE a.phones && b.phones WHEN true THEN {scoring.SAME_PHONE}::float8
                                WHEN false THEN {scoring.OTHER_PHONE} ELSE 0 END
    + CASE a.domains && b.domains WHEN true THEN {scoring.SAME_DOMAIN}::float8
                                  WHEN false THEN {scoring.OTHER_DOMAIN} ELSE 0 END"""
# Most pairs share a part of the name and nothing else. What their points, codes and places say is added up here; where
# even the best that names can say would not be enough, nobody looks at the names.
CLOSE = f"""
CREATE TEMP TABLE duplicate_close ON COMMIT DROP AS
SELECT first, second, a.kind, a.phones && b.phones AS by_phone, a.emails && b.emails AS by_email,
       a.domains && b.domains AS by_domain
FROM duplicate_candidate
JOIN duplicate_side a ON a.id = first JOIN duplicate_side b ON b.id = second AND b.kind = a.kind
WHERE a.kind = '{Customer.Kind.PERSON}' OR {MOST_BITS} >= {scoring.ENOUGH_BITS}
"""
PAIRS = """
SELECT first, second, close.kind, a.parts, b.parts, by_phone, by_email, by_domain FROM duplicate_close AS close
JOIN duplicate_record a ON a.id = first JOIN duplicate_record b ON b.id = second
"""
KEEP = """
INSERT INTO customers_duplicatepair (kind_id, first, second, score, reasons, found_at, state)
SELECT %s, first, second, score, ARRAY(SELECT jsonb_array_elements_text(reasons)), %s, 'open' FROM duplicate_score
ON CONFLICT (kind_id, first, second) DO UPDATE SET score = excluded.score, reasons = excluded.reasons
WHERE customers_duplicatepair.state = 'open'
  AND (customers_duplicatepair.score, customers_duplicatepair.reasons) <> (excluded.score, excluded.reasons)
"""
FORGET = """
DELETE FROM customers_duplicatepair p WHERE kind_id = %s AND state = 'open'
AND NOT EXISTS (SELECT FROM duplicate_score s WHERE s.first = p.first AND s.second = p.second)
"""
DROP = """
DROP TABLE duplicate_record, duplicate_candidate, duplicate_side, duplicate_close, duplicate_score
"""
