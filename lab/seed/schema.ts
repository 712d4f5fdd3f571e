/** The tables of the platform, one statement each. */
export const SCHEMA = [
  `CREATE TABLE documents (
     id bigint PRIMARY KEY,
     package text NOT NULL,
     version text NOT NULL,
     title text NOT NULL,
     created_at timestamptz NOT NULL)`,
  `CREATE TABLE chunks (
     id bigint PRIMARY KEY,
     document_id bigint NOT NULL REFERENCES documents (id),
     ord integer NOT NULL,
     text text NOT NULL,
     created_at timestamptz NOT NULL,
     UNIQUE (document_id, ord))`,
  `CREATE TABLE feedback (
     id bigserial PRIMARY KEY,
     chunk_id bigint NOT NULL REFERENCES chunks (id),
     rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
     comment text NOT NULL,
     created_at timestamptz NOT NULL)`,
  `CREATE TABLE drift_measurements (
     id bigserial PRIMARY KEY,
     collection text NOT NULL,
     queries integer NOT NULL,
     hits integer NOT NULL,
     mean_score double precision NOT NULL,
     elapsed_ms double precision NOT NULL,
     created_at timestamptz NOT NULL)`,
  `CREATE TABLE backup_history (
     backup_id text PRIMARY KEY,
     backup_type text NOT NULL,
     timestamp timestamptz NOT NULL,
     checksum text,
     size_bytes bigint,
     status text NOT NULL)`,
  'CREATE INDEX chunks_created_at ON chunks (created_at)',
  'CREATE INDEX feedback_chunk_id ON feedback (chunk_id)',
]
