import GRDB

/// The table definitions, oldest first; a released one is never edited.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            for statement in first { try db.execute(sql: statement) }
        }
        return migrator
    }

    private static let first = [
        """
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tenant (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            slug TEXT NOT NULL UNIQUE,
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
        CREATE TABLE tenant_credential (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            key TEXT NOT NULL,
            secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            PRIMARY KEY (tenant, key)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE organization (
            tenant BLOB NOT NULL REFERENCES tenant (id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            name TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE user (
            tenant BLOB NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            organization BLOB NOT NULL,
            user_name TEXT NOT NULL,
            user_name_key BLOB NOT NULL,
            email TEXT NOT NULL,
            email_key BLOB NOT NULL,
            roles TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
            password_hash TEXT NOT NULL,
            password_set_at INTEGER NOT NULL,
            epoch INTEGER NOT NULL CHECK (epoch >= 0),
            cut_off_at INTEGER,
            PRIMARY KEY (tenant, id),
            UNIQUE (tenant, user_name_key),
            UNIQUE (tenant, email_key),
            FOREIGN KEY (tenant, organization) REFERENCES organization (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE hierarchy (
            tenant BLOB NOT NULL PRIMARY KEY REFERENCES tenant (id),
            version INTEGER NOT NULL CHECK (version >= 1),
            document BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE session (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            tenant BLOB NOT NULL,
            organization BLOB NOT NULL,
            user BLOB NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 16),
            generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 4294967295),
            user_epoch INTEGER NOT NULL,
            tenant_epoch INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            refreshed_at INTEGER,
            expires_at INTEGER NOT NULL CHECK (expires_at <= absolute_end),
            absolute_end INTEGER NOT NULL,
            ended_at INTEGER,
            end_reason TEXT,
            client_address TEXT,
            user_agent TEXT,
            forwarded_from TEXT,
            platform TEXT,
            device TEXT,
            CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
            FOREIGN KEY (tenant, user) REFERENCES user (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX session_of_user ON session (tenant, user, created_at DESC, id DESC)",
        "CREATE INDEX session_open ON session (tenant, user, user_epoch, expires_at) WHERE ended_at IS NULL",
        "CREATE INDEX session_over ON session (absolute_end)",
        """
        CREATE TABLE change (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant BLOB NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('session_ended', 'user_cut_off', 'tenant_changed', 'user_changed')),
            subject BLOB,
            epoch INTEGER,
            spared BLOB,
            relevant_until INTEGER NOT NULL
        ) STRICT
        """,
    ]
}
