import GRDB

/// The table definitions, oldest first; a released one is never edited.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-sessions") { db in
            for statement in tenancy + sessions + protection + AuditSchema.statements { try db.execute(sql: statement) }
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
            epoch INTEGER NOT NULL CHECK (epoch >= 0),
            policy TEXT NOT NULL CHECK (json_valid(policy)),
            policy_version INTEGER NOT NULL CHECK (policy_version >= 1),
            -- Network ranges, one in each line.
            allowlist TEXT NOT NULL,
            allowlist_version INTEGER NOT NULL CHECK (allowlist_version >= 1)
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
            -- A deleted user stays, without name and password, until no session tells of it any more.
            status TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'deleted')),
            password_hash TEXT NOT NULL CHECK (length(password_hash) > 0),
            password_set_at INTEGER NOT NULL,
            has_temporary_password INTEGER NOT NULL CHECK (has_temporary_password IN (0, 1)),
            has_second_factor INTEGER NOT NULL CHECK (has_second_factor IN (0, 1)),
            created_at INTEGER NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 1),
            epoch INTEGER NOT NULL CHECK (epoch >= 0),
            PRIMARY KEY (tenant, id),
            UNIQUE (tenant, id, organization),
            UNIQUE (tenant, user_name_key),
            UNIQUE (tenant, email_key),
            FOREIGN KEY (tenant, organization) REFERENCES organization (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX user_by_name ON user (tenant, organization, user_name_key) WHERE status <> 'deleted'
        """,
        """
        CREATE INDEX user_by_email ON user (tenant, organization, email_key, user_name_key)
        WHERE status <> 'deleted'
        """,
        """
        CREATE INDEX user_administrator ON user (tenant, id)
        WHERE status = 'active' AND instr(' ' || roles || ' ', ' ADMIN ') > 0
        """,
        "CREATE INDEX user_deleted ON user (tenant, id) WHERE status = 'deleted'",
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
                CHECK (end_reason IN ('ENDED_BY_ADMINISTRATOR', 'ALL_SESSIONS_ENDED', 'REFRESH_TOKEN_REUSED',
                    'SUPERSEDED', 'PASSWORD_CHANGED', 'ACCESS_WITHDRAWN')),
            address TEXT,
            user_agent TEXT,
            forwarded_from TEXT,
            platform TEXT,
            device TEXT,
            -- When housekeeping looks at it next: not after the session is over.
            review_at INTEGER NOT NULL CHECK (review_at <= expires_at),
            -- It was over long ago, whatever the clock did since: no list of active ones looks at it.
            is_past INTEGER NOT NULL DEFAULT 0 CHECK (is_past IN (0, 1)),
            CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
            FOREIGN KEY (tenant, user, organization) REFERENCES user (tenant, id, organization)
        ) STRICT
        """,
        "CREATE INDEX session_of_user ON session (tenant, user, created_at DESC, id DESC)",
        """
        -- The last three tell of sessions in their first token's time that they are active, without a look
        -- at their rows.
        CREATE INDEX session_open
        ON session (tenant, user, is_past, created_at DESC, id DESC, user_epoch, tenant_epoch, review_at)
        WHERE ended_at IS NULL
        """,
        "CREATE INDEX session_of_tenant ON session (tenant, created_at)",
        "CREATE INDEX session_review ON session (is_past, review_at)",
        """
        -- A raised epoch, until the rows of the sessions that it ended say so themselves.
        CREATE TABLE cut_off (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            epoch INTEGER NOT NULL CHECK (epoch >= 1),
            at INTEGER NOT NULL,
            reason TEXT NOT NULL CHECK (reason IN ('ALL_SESSIONS_ENDED', 'PASSWORD_CHANGED', 'ACCESS_WITHDRAWN')),
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
                WHEN 'session_superseded' THEN session IS NOT NULL AND user IS NULL AND epoch IS NULL
                WHEN 'user_cut_off' THEN user IS NOT NULL AND epoch IS NOT NULL
                WHEN 'tenant_changed' THEN session IS NULL AND user IS NULL AND epoch IS NULL
                WHEN 'user_changed' THEN session IS NULL AND user IS NOT NULL AND epoch IS NULL
                ELSE FALSE END)
        ) STRICT
        """,
        "CREATE INDEX change_relevance ON change (relevant_until)",
    ]

    /// What keeps strangers out: used credentials and passwords, second factors, counted failures.
    private static let protection = [
        """
        -- Which clients use a credential, and since when; one row for each client and credential.
        CREATE TABLE credential_use (
            tenant BLOB NOT NULL,
            key BLOB NOT NULL,
            address TEXT NOT NULL,
            user_agent TEXT NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL CHECK (last_at >= first_at),
            uses INTEGER NOT NULL CHECK (uses >= 1),
            PRIMARY KEY (tenant, key, address, user_agent),
            FOREIGN KEY (tenant, key) REFERENCES credential (tenant, key) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX user_password_age ON user (tenant, status, password_set_at, id)",
        "CREATE INDEX credential_end ON credential (expires_at) WHERE expires_at IS NOT NULL",
        """
        -- Passwords that a user had before, so that none of the last comes back.
        CREATE TABLE former_password (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            set_at INTEGER NOT NULL,
            password_hash TEXT NOT NULL CHECK (length(password_hash) > 0),
            PRIMARY KEY (tenant, user, set_at),
            FOREIGN KEY (tenant, user) REFERENCES user (tenant, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE second_factor (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            -- Sealed with a key that is not in the database.
            seed BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            -- NULL until the user showed a first code.
            confirmed_at INTEGER,
            -- The time step of the last code that was accepted: no code of it or before is again.
            last_step INTEGER NOT NULL,
            PRIMARY KEY (tenant, user),
            FOREIGN KEY (tenant, user) REFERENCES user (tenant, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE recovery_code (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            used_at INTEGER,
            PRIMARY KEY (tenant, user, digest),
            FOREIGN KEY (tenant, user) REFERENCES second_factor (tenant, user) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        -- Clients that a user signed in from before: they keep an allowance of their own.
        CREATE TABLE known_client (
            tenant BLOB NOT NULL,
            user BLOB NOT NULL,
            client BLOB NOT NULL CHECK (length(client) = 16),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, user, client),
            FOREIGN KEY (tenant, user) REFERENCES user (tenant, id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX known_client_age ON known_client (last_at)",
        """
        -- Failed attempts by whom or at what. The subject is a digest; the tenant is zero where tenants
        -- themselves were guessed at.
        CREATE TABLE failure_count (
            tenant BLOB NOT NULL CHECK (length(tenant) = 16),
            subject BLOB NOT NULL CHECK (length(subject) = 16),
            failures INTEGER NOT NULL CHECK (failures >= 1),
            since INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            -- Whether it may have to make room: a user's own need not, and are as few as the users.
            makes_room INTEGER NOT NULL CHECK (makes_room IN (0, 1)),
            PRIMARY KEY (tenant, subject)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX failure_count_age ON failure_count (last_at)",
        "CREATE INDEX failure_count_room ON failure_count (tenant, last_at) WHERE makes_room",
        """
        -- How many of a tenant's counts may have to make room: counting them each time would take too long.
        CREATE TABLE failure_total (
            tenant BLOB NOT NULL PRIMARY KEY,
            counts INTEGER NOT NULL CHECK (counts >= 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TRIGGER failure_counted AFTER INSERT ON failure_count WHEN new.makes_room BEGIN
            INSERT INTO failure_total VALUES (new.tenant, 1)
            ON CONFLICT (tenant) DO UPDATE SET counts = counts + 1;
        END
        """,
        """
        CREATE TRIGGER failure_forgotten AFTER DELETE ON failure_count WHEN old.makes_room BEGIN
            UPDATE failure_total SET counts = counts - 1 WHERE tenant = old.tenant;
        END
        """,
    ]
}
