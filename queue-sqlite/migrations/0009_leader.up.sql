-- Who spares the others work that one process is enough for. Nothing that is right or wrong hangs on it.
CREATE TABLE leasehold_leader (
  role TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  since INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
