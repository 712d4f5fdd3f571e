-- What the image runs in a new cluster, in the database `letters`.
CREATE ROLE reading_desk NOLOGIN;

CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO people (name) SELECT 'person ' || n FROM generate_series(1, 8) n;

CREATE TABLE letters (
  id uuid PRIMARY KEY,
  sender integer NOT NULL REFERENCES people,
  subject text NOT NULL,
  written_at timestamptz NOT NULL
);
INSERT INTO letters
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1 + n % 8, 'letter ' || n,
  timestamptz '2026-01-01 00:00:00Z' + n * interval '1 day'
FROM generate_series(1, 40) n;

CREATE DATABASE readers OWNER reading_desk;
ALTER DATABASE readers SET timezone = 'Europe/Berlin';
\connect readers
SET ROLE reading_desk;
CREATE TABLE readers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE loans (reader bigint NOT NULL REFERENCES readers, letter uuid NOT NULL, PRIMARY KEY (reader, letter));
INSERT INTO readers (name) SELECT 'reader ' || n FROM generate_series(1, 12) n;
INSERT INTO loans SELECT 1 + n % 12, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
FROM generate_series(1, 24) n;
