import GRDB

/// The table definitions, oldest first; a released one is never edited.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-sessions") { db in
            for statement in tenancy + sessions { try db.execute(sql: statement) }
        }
        return migrator
    }

    /// Tenants and who belongs to them.
    ///
    /// What is compared byte for byte is a blob: the driver binds text only up to its first NUL.
    private static let tenancy = [
        """
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tenant (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            slug TEXT NOT NULL UNIQUE
                CHECK (length(slug) BETWEEN 1 AND 64 AND slug NOT GLOB '*[^A-Za-z0-9_-]*'),
            name TEXT NOT NULL,
            compliance_level TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
            epoch INTEGER NOT NULL CHECK (epoch >= 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE signing_key (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE credential (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            key BLOB NOT NULL CHECK (length(key) > 0),
            secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            PRIMARY KEY (tenant, key)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE organization (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            name TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE user (
            tenant BLOB NOT NULL,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            organization BLOB NOT NULL,
            user_name TEXT NOT NULL,
            user_name_key BLOB NOT NULL CHECK (length(user_name_key) > 0),
            email TEXT NOT NULL,
            email_key BLOB NOT NULL CHECK (length(email_key) > 0),
            roles TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
            password_hash TEXT NOT NULL CHECK (length(password_hash) > 0),
            password_set_at INTEGER NOT NULL,
            epoch INTEGER NOT NULL CHECK (epoch >= 0),
            PRIMARY KEY (tenant, id),
            UNIQUE (tenant, id, organization),
            UNIQUE (tenant, user_name_key),
            UNIQUE (tenant, email_key),
            FOREIGN KEY (tenant, organization) REFERENCES organization (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE hierarchy (
            tenant BLOB NOT NULL PRIMARY KEY REFERENCES tenant (id),
            version INTEGER NOT NULL CHECK (version >= 1),
            body TEXT NOT NULL CHECK (json_valid(body))
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// Sessions, what ended them, and what other servers must know.
    ///
    /// No index holds a column that a refresh changes: a refresh writes one row and nothing else.
    private static let sessions = [
        """
        CREATE TABLE session (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            tenant BLOB NOT NULL,
            organization BLOB NOT NULL,
            user BLOB NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 16),
            generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 4294967295),
            user_epoch INTEGER NOT NULL CHECK (user_epoch >= 0),
            tenant_epoch INTEGER NOT NULL CHECK (tenant_epoch >= 0),
            created_at INTEGER NOT NULL,
            refreshed_at INTEGER,
            expires_at INTEGER NOT NULL CHECK (expires_at <= absolute_end),
            absolute_end INTEGER NOT NULL,
            ended_at INTEGER,
            end_reason TEXT
                CHECK (end_reason IN ('ENDED_BY_ADMINISTRATOR', 'ALL_SESSIONS_ENDED', 'REFRESH_TOKEN_REUSED')),
            address TEXT,
            user_agent TEXT,
            forwarded_from TEXT,
            platform TEXT,
            device TEXT,
            -- When housekeeping looks at it next: not after the session is over.
            review_at INTEGER NOT NULL CHECK (review_at <= expires_at),
            CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
            FOREIGN KEY (tenant, user, organization) REFERENCES user (tenant, id, organization)
        ) STRICT
        """,
        "CREATE INDEX session_of_user ON session (tenant, user, created_at DESC, id DESC)",
        """
        -- The last three tell of sessions in their first token's time that they are active, without a look
        -- at their rows.
        CREATE INDEX session_open
        ON session (tenant, user, created_at DESC, id DESC, user_epoch, tenant_epoch, review_at)
        WHERE ended_at IS NULL
        """,
        "CREATE INDEX session_review ON session (review_at)",
        """
        -- A raised epoch, until the rows of the sessions that it ended say so themselves.
        CREATE TABLE cut_off (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            epoch INTEGER NOT NULL CHECK (epoch >= 1),
            at INTEGER NOT NULL,
            PRIMARY KEY (tenant, user, epoch),
            FOREIGN KEY (tenant, user) REFERENCES user (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE change (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant BLOB NOT NULL REFERENCES tenant (id),
            kind TEXT NOT NULL,
            user BLOB CHECK (length(user) = 16),
            session BLOB CHECK (length(session) = 16),
            epoch INTEGER,
            relevant_until INTEGER NOT NULL,
            CHECK (CASE kind
                WHEN 'session_ended' THEN session IS NOT NULL AND user IS NULL AND epoch IS NULL
                WHEN 'user_cut_off' THEN user IS NOT NULL AND epoch IS NOT NULL
                WHEN 'tenant_changed' THEN session IS NULL AND user IS NULL AND epoch IS NULL
                WHEN 'user_changed' THEN session IS NULL AND user IS NOT NULL AND epoch IS NULL
                ELSE FALSE END)
        ) STRICT
        """,
        "CREATE INDEX change_relevance ON change (relevant_until)",
    ]
}
