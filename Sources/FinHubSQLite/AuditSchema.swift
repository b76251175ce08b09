/// The tables of the audit log.
enum AuditSchema {
    static let statements = [
        """
        -- Only ever appended to. The hash is keyed: see AuditSeal.
        CREATE TABLE audit_entry (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            sequence INTEGER NOT NULL CHECK (sequence >= 1),
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            actor_kind TEXT NOT NULL,
            actor BLOB CHECK (length(actor) = 16),
            subject BLOB CHECK (length(subject) = 16),
            session BLOB CHECK (length(session) = 16),
            object TEXT,
            reason TEXT,
            correlation_id TEXT NOT NULL,
            changes TEXT CHECK (changes IS NULL OR json_valid(changes)),
            -- Personal data, each with its owner's key.
            client BLOB,
            personal BLOB,
            address_tag BLOB CHECK (length(address_tag) = 16),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (tenant, sequence)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX audit_by_time ON audit_entry (tenant, at)",
        "CREATE INDEX audit_by_actor ON audit_entry (tenant, actor) WHERE actor IS NOT NULL",
        "CREATE INDEX audit_by_subject ON audit_entry (tenant, subject) WHERE subject IS NOT NULL",
        "CREATE INDEX audit_by_address ON audit_entry (tenant, address_tag) WHERE address_tag IS NOT NULL",
        """
        -- Where each log ends; sealed, so that nobody can make it end sooner.
        CREATE TABLE audit_head (
            tenant BLOB NOT NULL PRIMARY KEY REFERENCES tenant (id),
            sequence INTEGER NOT NULL CHECK (sequence >= 1),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            seal BLOB NOT NULL CHECK (length(seal) = 32)
        ) STRICT, WITHOUT ROWID
        """,
        """
        -- Without a user's salt nobody can make the key of the user's personal data.
        CREATE TABLE audit_key (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            PRIMARY KEY (tenant, owner)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
