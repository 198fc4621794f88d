-- Who spares the others work that one process is enough for. Nothing that is right or wrong hangs on it.
CREATE TABLE leasehold.leader (
    role text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
