-- The local plane's database. Times are Unix microseconds by the wall clock, which may step back: they are shown and
-- compared with lifetimes, and decide no order. Order is `sequence`, which SQLite counts up and never reuses. Ids are
-- UUIDv7 text; they identify and decide no order either. Secrets are never in the clear: tokens are Argon2id hashes
-- beside an HMAC fingerprint, keys are wrapped with AES-256-GCM under the root key file.

-- The row that the health check writes, to see that a write succeeds.
CREATE TABLE probe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  content BLOB NOT NULL
) STRICT;

CREATE TABLE principals (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,               -- admin, viewer, outsider
  email TEXT NOT NULL,
  bearer_fingerprint BLOB NOT NULL UNIQUE  -- HMAC of the bearer under the root key
) STRICT;

-- Further bearers of the principals: API tokens, of which only fingerprints are kept. A revoked one is deleted.
CREATE TABLE api_tokens (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of issue
  id TEXT NOT NULL UNIQUE,
  principal_id TEXT NOT NULL REFERENCES principals (id),
  env_prefix TEXT NOT NULL,
  fingerprint BLOB NOT NULL UNIQUE,        -- HMAC of the bearer under the root key
  lifetime_us INTEGER NOT NULL,            -- of each plaintext
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  rotated_at INTEGER,
  retired_fingerprint BLOB UNIQUE,         -- of the plaintext before the last rotation
  retires_at INTEGER,                      -- until when that one is valid, too
  CHECK ((rotated_at IS NULL) = (retired_fingerprint IS NULL)),
  CHECK ((rotated_at IS NULL) = (retires_at IS NULL))
) STRICT;
CREATE INDEX api_tokens_by_principal ON api_tokens (principal_id, sequence);

-- Requests of devices to be signed in (RFC 8628).
CREATE TABLE device_requests (
  fingerprint BLOB PRIMARY KEY,            -- HMAC of the device code under the root key
  user_code TEXT NOT NULL UNIQUE,          -- such as ABCD-EFGH; of use only to those who have signed in
  domain_id TEXT NOT NULL,                 -- the Domain may be deleted meanwhile
  client TEXT NOT NULL,                    -- what the device calls itself
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
  principal_id TEXT REFERENCES principals (id),  -- who decided
  interval_us INTEGER NOT NULL,            -- between two polls
  polled_at INTEGER,
  requested_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CHECK ((state = 'pending') = (principal_id IS NULL))
) STRICT;

-- Sessions of the approval page.
CREATE TABLE browser_sessions (
  fingerprint BLOB PRIMARY KEY,            -- HMAC of the cookie under the root key
  principal_id TEXT NOT NULL REFERENCES principals (id),
  wrong_codes INTEGER NOT NULL DEFAULT 0,  -- user codes tried that no device has
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX browser_sessions_by_principal ON browser_sessions (principal_id);

-- Who may do what: relation 'admin' manages, 'viewer' reads. A platform grant is copied to a Domain when it is
-- created, a Domain's to a Project, so that each object is decided by its own rows alone.
CREATE TABLE grants (
  principal_id TEXT NOT NULL REFERENCES principals (id),
  object_kind TEXT NOT NULL CHECK (object_kind IN ('platform', 'domain', 'project')),
  object_id TEXT NOT NULL,                 -- '' for the platform
  relation TEXT NOT NULL CHECK (relation IN ('admin', 'viewer')),
  effective_at INTEGER,                    -- NULL means at once; a time only where a grant delay is injected
  PRIMARY KEY (object_kind, object_id, principal_id)
) STRICT;

CREATE TABLE domains (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  region TEXT,
  mesh_cidr TEXT NOT NULL,
  heartbeat_interval TEXT NOT NULL,        -- Go durations, as the operator wrote them
  stale_after TEXT NOT NULL,
  unreachable_after TEXT NOT NULL,
  mesh_revision INTEGER NOT NULL DEFAULT 0,  -- counts the changes to the snapshots of the Domain's Nodes
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  domain_id TEXT NOT NULL REFERENCES domains (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  sub_range TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (domain_id, slug)
) STRICT;
CREATE INDEX projects_by_slug ON projects (slug, id);

CREATE TABLE bootstrap_tokens (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of issue
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  kind TEXT NOT NULL CHECK (kind IN ('node', 'bridge')),
  env_prefix TEXT NOT NULL,
  fingerprint BLOB NOT NULL UNIQUE,        -- finds the row; proves nothing without the root key
  hash TEXT NOT NULL,                      -- Argon2id, verified once per redemption
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  issued_by TEXT NOT NULL REFERENCES principals (id),
  consumed_at INTEGER,
  consumed_nonce TEXT,
  revoked_at INTEGER,
  CHECK (consumed_at IS NULL OR revoked_at IS NULL),
  CHECK ((consumed_at IS NULL) = (consumed_nonce IS NULL))
) STRICT;
CREATE INDEX bootstrap_tokens_by_project ON bootstrap_tokens (project_id, sequence);
CREATE UNIQUE INDEX bootstrap_tokens_by_nonce ON bootstrap_tokens (project_id, consumed_nonce)
  WHERE consumed_nonce IS NOT NULL;

CREATE TABLE resources (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of adoption
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  external_ref TEXT,                       -- the handle that a Node registers with; without one, none can
  requested_id TEXT,                       -- what the machine calls itself, where that differs from the handle
  kind TEXT NOT NULL,                      -- vm where a registration adopted it, else as the operator wrote it
  created_at INTEGER NOT NULL,
  UNIQUE (project_id, external_ref)
) STRICT;
CREATE INDEX resources_by_project ON resources (project_id, sequence);

CREATE TABLE nodes (
  id TEXT PRIMARY KEY,
  domain_id TEXT NOT NULL REFERENCES domains (id),
  project_id TEXT NOT NULL REFERENCES projects (id),
  resource_id TEXT NOT NULL UNIQUE REFERENCES resources (id),
  token_id TEXT NOT NULL UNIQUE REFERENCES bootstrap_tokens (id),
  public_key TEXT NOT NULL CHECK (length(public_key) = 44),  -- base64, as every answer has it
  mesh_ip TEXT NOT NULL,
  mesh_ip_number BLOB NOT NULL CHECK (length(mesh_ip_number) = 16),  -- big-endian, so that it sorts as a number
  nsk_wrapped BLOB NOT NULL,
  behind_nat INTEGER NOT NULL DEFAULT 0,   -- whether it last reported a NAT that needs a relay
  endpoint TEXT,                           -- the last IP:port that it reported
  endpoint_reported_at INTEGER,
  events_after INTEGER NOT NULL DEFAULT 0, -- the last event before its registration, which it never reads
  pulled_revision TEXT,                    -- of its snapshot at its last pull or its registration; '' means outdated
  registered_at INTEGER NOT NULL,
  last_contact_at INTEGER NOT NULL,        -- registration and every authenticated request count as contact
  last_heartbeat_at INTEGER,
  recovered_at INTEGER,                    -- when a contact last ended a stale or unreachable spell
  binary_version TEXT,
  binary_checksum BLOB,
  as_peer TEXT NOT NULL GENERATED ALWAYS AS  -- how a registration's answer lists it: JSON
    (json_object('node_id', id, 'mesh_ip', mesh_ip, 'public_key', public_key)) STORED,
  UNIQUE (domain_id, mesh_ip_number)
) STRICT;
CREATE INDEX nodes_by_project ON nodes (project_id);
CREATE INDEX nodes_behind_nat ON nodes (domain_id) WHERE behind_nat;

-- What workloads on a Node report through it.
CREATE TABLE state_reports (
  node_id TEXT NOT NULL REFERENCES nodes (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  workload_tag TEXT,
  accepted_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, key)
) STRICT, WITHOUT ROWID;

-- The last manifest of each Node's agent.
CREATE TABLE capability_manifests (
  node_id TEXT PRIMARY KEY REFERENCES nodes (id),
  manifest TEXT NOT NULL,                  -- a JSON object
  accepted_at INTEGER NOT NULL
) STRICT;

-- How the Node of a bridge Resource relays.
CREATE TABLE bridge_relays (
  resource_id TEXT PRIMARY KEY REFERENCES resources (id),
  enabled INTEGER NOT NULL,
  listen_port INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- What is left of a Node whose Resource was deleted: its secret, to tell its holder that it was revoked.
CREATE TABLE deregistered_nodes (
  id TEXT PRIMARY KEY,
  domain_id TEXT NOT NULL,                 -- under whose key the secret is wrapped; the Domain may be gone
  token_id TEXT NOT NULL,                  -- the token that the Node redeemed; it may be gone with its Project
  nsk_wrapped BLOB NOT NULL,
  deregistered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE peers (
  id TEXT PRIMARY KEY,
  node_id TEXT NOT NULL UNIQUE REFERENCES nodes (id),
  domain_id TEXT NOT NULL REFERENCES domains (id),
  anchored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX peers_by_domain ON peers (domain_id);

-- One live pre-shared key per Peer; that of an edge is derived from those of its two Nodes.
CREATE TABLE psks (
  node_id TEXT NOT NULL REFERENCES nodes (id),
  generation INTEGER NOT NULL,
  kid TEXT NOT NULL,
  wrap_key_version INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  issued_at INTEGER NOT NULL,              -- later than the generation before, even where the clock stepped back
  retired_at INTEGER,
  PRIMARY KEY (node_id, generation)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX psks_live ON psks (node_id) WHERE retired_at IS NULL;

CREATE TABLE mesh_key_rotations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- a Node's last rotation is that of the highest number
  id TEXT NOT NULL UNIQUE,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  peer_id TEXT NOT NULL REFERENCES peers (id),
  requested_at INTEGER NOT NULL,
  completed_at INTEGER,
  new_public_key TEXT,
  CHECK ((completed_at IS NULL) = (new_public_key IS NULL))
) STRICT;
CREATE UNIQUE INDEX mesh_key_rotations_pending ON mesh_key_rotations (node_id) WHERE completed_at IS NULL;
CREATE INDEX mesh_key_rotations_by_node ON mesh_key_rotations (node_id, sequence);

CREATE TABLE signing_keys (
  scope TEXT NOT NULL,                     -- platform, or domain:<uuid>
  key_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'rotating', 'retired')),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  private_wrapped BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER,
  PRIMARY KEY (scope, key_id)
) STRICT;
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (scope) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_rotating ON signing_keys (scope) WHERE state = 'rotating';

CREATE TABLE signing_transitions (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  old_key_id TEXT NOT NULL,
  new_key_id TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closes_at INTEGER NOT NULL,
  closed_at INTEGER,
  FOREIGN KEY (scope, old_key_id) REFERENCES signing_keys (scope, key_id),
  FOREIGN KEY (scope, new_key_id) REFERENCES signing_keys (scope, key_id)
) STRICT;
CREATE UNIQUE INDEX signing_transitions_open ON signing_transitions (scope) WHERE closed_at IS NULL;

-- Events promised in the transaction of the change that caused them. Each row is delivered once: its handler and its
-- delivered_at are one transaction.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,    -- the order in which rows are delivered
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,                   -- a JSON object
  created_at INTEGER NOT NULL,
  due_at INTEGER,                          -- NULL means at once; a time only where a delay was asked for
  delivered_at INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;

-- The events for Nodes: one row per event, however many Nodes it concerns.
CREATE TABLE node_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which Nodes read them
  outbox_id INTEGER NOT NULL UNIQUE REFERENCES outbox (id),
  kind TEXT NOT NULL,                      -- such as rotate_keys
  payload TEXT NOT NULL,
  audience TEXT NOT NULL,                  -- node:<uuid>, domain:<uuid> or platform
  except_node_id TEXT,                     -- the one Node of the audience that the event does not concern
  scope TEXT NOT NULL,                     -- of the key that signs it
  key_id TEXT NOT NULL,                    -- the key that its readers know when they come to it
  delivered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX node_events_by_audience ON node_events (audience, sequence);
