/* The sqlite store: a database that other programs can query while the scan runs.
 *
 * Theory of operation. The database is in WAL mode, where readers see the state of the last commit
 * and disturb nobody (https://www.sqlite.org/wal.html). Records go into one transaction until the
 * next flush, or until there are BATCH_MAX of them. The indexes are made when the scan ends: built
 * from all rows at once they cost a fraction of what keeping them up to date does. Then the log is
 * worked into the database and the mode is changed back, so that what remains is one file.
 *
 * A new scan makes way for an earlier database by renaming it. What a killed scan left in the log
 * beside it belongs to that database and would be lost, or worse, be taken for the new one's: so
 * first the log is worked in.
 *
 * If the disk is full the transaction fails as a whole and is reported; what was committed before
 * it stays, in the database or its log. The schema is described in docs/formats.md. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "output/backup.h"
#include "output/format.h"
#include "output/store.h"

enum {
    APPLICATION_ID = 0x6d73636e, /* "mscn": makes file(1) and us know our databases */
    SCHEMA_VERSION = 1,
    BATCH_MAX = 50000, /* records in a transaction */
    BUSY_WAIT_MS = 10000,
    MAGIC_SIZE = 16,
    REASON_ROOM = 32,
};

static const char magic[MAGIC_SIZE] = "SQLite format 3";

static const char tables_sql[] = "CREATE TABLE scan("
                                 " id INTEGER PRIMARY KEY,"
                                 " version TEXT NOT NULL,"
                                 " command TEXT NOT NULL,"
                                 " seed TEXT NOT NULL,"
                                 " started INTEGER NOT NULL,"
                                 " ended INTEGER,"
                                 " tcp_ports TEXT NOT NULL,"
                                 " udp_ports TEXT NOT NULL,"
                                 " sctp_ports TEXT NOT NULL,"
                                 " ip_protocols TEXT NOT NULL);"
                                 "CREATE TABLE target("
                                 " scan INTEGER NOT NULL REFERENCES scan(id),"
                                 " first TEXT NOT NULL,"
                                 " last TEXT NOT NULL);"
                                 "CREATE TABLE result("
                                 " scan INTEGER NOT NULL REFERENCES scan(id),"
                                 " time INTEGER NOT NULL,"
                                 " ip TEXT NOT NULL,"
                                 " protocol TEXT NOT NULL,"
                                 " port INTEGER NOT NULL,"
                                 " status TEXT NOT NULL,"
                                 " reason TEXT NOT NULL,"
                                 " ttl INTEGER NOT NULL);"
                                 "CREATE TABLE banner("
                                 " scan INTEGER NOT NULL REFERENCES scan(id),"
                                 " time INTEGER NOT NULL,"
                                 " ip TEXT NOT NULL,"
                                 " protocol TEXT NOT NULL,"
                                 " port INTEGER NOT NULL,"
                                 " ttl INTEGER NOT NULL,"
                                 " service TEXT NOT NULL,"
                                 " banner BLOB NOT NULL);";

static const char indexes_sql[] =
    "CREATE INDEX IF NOT EXISTS result_by_ip ON result(ip, port);"
    "CREATE INDEX IF NOT EXISTS result_by_port ON result(port, protocol);"
    "CREATE INDEX IF NOT EXISTS banner_by_ip ON banner(ip, port);"
    "CREATE INDEX IF NOT EXISTS banner_by_service ON banner(service);";

enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_RESULT,
    STATEMENT_BANNER,
    STATEMENTS,
};

static const char *const statements_sql[STATEMENTS] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_RESULT] = "INSERT INTO result(scan, time, ip, protocol, port, status, reason, ttl)"
                         " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_BANNER] = "INSERT INTO banner(scan, time, ip, protocol, port, ttl, service, banner)"
                         " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
};

struct sqlite {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
    char *path; /* see file_path */
    sqlite3_int64 scan;
    unsigned pending; /* records in the open transaction */
    bool in_transaction;
};

/* What SQLite says went wrong, and what the system said to it. */
static int fail(const struct sqlite *sqlite, struct error *err)
{
    int system = sqlite3_system_errno(sqlite->database);
    const char *text = sqlite3_errmsg(sqlite->database);
    bool told_by_system = (sqlite3_errcode(sqlite->database) & 0xff) == SQLITE_IOERR ||
                          (sqlite3_errcode(sqlite->database) & 0xff) == SQLITE_CANTOPEN;
    if (told_by_system && system != 0)
        return error_sys(err, system, "cannot write to '%s': %s", sqlite->path, text);
    return error_set(err, "cannot write to '%s': %s", sqlite->path, text);
}

static int execute(const struct sqlite *sqlite, const char *sql, struct error *err)
{
    return sqlite3_exec(sqlite->database, sql, NULL, NULL, NULL) == SQLITE_OK ? 0
                                                                              : fail(sqlite, err);
}

static int prepare(const struct sqlite *sqlite, const char *sql, sqlite3_stmt **statement,
                   struct error *err)
{
    int code =
        sqlite3_prepare_v3(sqlite->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return code == SQLITE_OK ? 0 : fail(sqlite, err);
}

/* Carries out a statement that is prepared and bound. */
static int run(const struct sqlite *sqlite, sqlite3_stmt *statement, struct error *err)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : fail(sqlite, err);
}

/* The number that a pragma tells. */
static int ask(const struct sqlite *sqlite, const char *sql, int64_t *number, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int result = prepare(sqlite, sql, &statement, err);
    if (result < 0)
        return result;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    else
        result = fail(sqlite, err);
    sqlite3_finalize(statement);
    return result;
}

static void free_all(struct sqlite *sqlite)
{
    for (unsigned i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i]);
    sqlite3_close(sqlite->database);
    free(sqlite->path);
    *sqlite = (struct sqlite){0};
}

/* What is there before */

static int check_place(const char *place, struct error *err)
{
    struct stat facts;
    if (strcmp(place, "-") == 0)
        return error_set(err, "the format sqlite writes a database, which standard output cannot "
                              "be; name a file");
    if (stat(place, &facts) == 0 && !S_ISREG(facts.st_mode))
        return error_set(err, "'%s' is no regular file, and so cannot be a database", place);
    return 0;
}

/* Does the file begin as a database does? Of one that cannot be read SQLite will say why. */
static bool is_database(const char *path)
{
    char bytes[MAGIC_SIZE] = "";
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return errno != ENOENT;
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return length == sizeof bytes && memcmp(bytes, magic, sizeof bytes) == 0;
}

static bool has_content(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && facts.st_size > 0;
}

static bool has_log(const char *path, const char *suffix)
{
    char name[BACKUP_PATH_SIZE];
    int length = snprintf(name, sizeof name, "%s%s", path, suffix);
    return length < (int)sizeof name && file_exists(name);
}

static int open_database(struct sqlite *sqlite, struct error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(sqlite->path, &sqlite->database, flags, NULL) != SQLITE_OK)
        return fail(sqlite, err);
    sqlite3_extended_result_codes(sqlite->database, 1);
    sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
    return 0;
}

/* Works the logs of a killed scan into its database. */
static int settle_log(const struct sqlite *sqlite, struct error *err)
{
    struct sqlite earlier = {.path = sqlite->path};
    int64_t version;
    if (!is_database(sqlite->path))
        return 0;
    int result = open_database(&earlier, err);
    if (result == 0) /* reading anything at all brings a rollback journal in */
        result = ask(&earlier, "PRAGMA schema_version", &version, err);
    if (result == 0)
        result = execute(&earlier, "PRAGMA wal_checkpoint(TRUNCATE)", err);
    sqlite3_close(earlier.database);
    return result;
}

/* Renames an earlier database away, whole. */
static int make_way(const struct sqlite *sqlite, char notice[256], struct error *err)
{
    char kept[BACKUP_PATH_SIZE];
    bool logged = has_log(sqlite->path, "-wal") || has_log(sqlite->path, "-journal");
    if (logged && settle_log(sqlite, err) < 0)
        return error_context(err, "cannot keep the earlier results");
    if (has_log(sqlite->path, "-wal") || has_log(sqlite->path, "-journal"))
        return error_set(err,
                         "'%s' is in use by another program, or what belongs to it (%s-wal or "
                         "%s-journal) was left behind; name another file",
                         sqlite->path, sqlite->path, sqlite->path);
    if (backup_make(sqlite->path, kept, err) < 0)
        return -1;
    if (kept[0] != '\0')
        snprintf(notice, 256, "kept the earlier results as %.220s", kept);
    return 0;
}

static int foreign(const struct sqlite *sqlite, const char *what, struct error *err)
{
    return error_set(err, "cannot append to '%s': it is %s; name another file", sqlite->path, what);
}

/* Only to a database of ours, or an empty one, can be appended. Returns 1 if it has the tables. */
static int check_earlier(const struct sqlite *sqlite, struct error *err)
{
    int64_t application = 0, version = 0, objects = 0;
    if (ask(sqlite, "SELECT count(*) FROM sqlite_master", &objects, err) < 0 ||
        ask(sqlite, "PRAGMA application_id", &application, err) < 0 ||
        ask(sqlite, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (objects == 0)
        return 0;
    if (application != APPLICATION_ID)
        return foreign(sqlite, "an SQLite database of another program", err);
    if (version != SCHEMA_VERSION)
        return foreign(sqlite, "a database of another version of this program", err);
    return 1;
}

/* Beginning a scan */

/* A file system without shared memory has no WAL; then SQLite stays with a rollback journal, which
 * is slower, and makes readers and the scan wait for each other. */
static int configure(const struct sqlite *sqlite, struct error *err)
{
    return execute(sqlite,
                   "PRAGMA journal_mode = WAL;"
                   "PRAGMA synchronous = NORMAL;"
                   "PRAGMA cache_size = -65536;"
                   "PRAGMA wal_autocheckpoint = 4096;",
                   err);
}

static int create_tables(const struct sqlite *sqlite, struct error *err)
{
    char identity[128];
    snprintf(identity, sizeof identity, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION_ID, SCHEMA_VERSION);
    int result = execute(sqlite, tables_sql, err);
    return result < 0 ? result : execute(sqlite, identity, err);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text != NULL ? text : "", -1, SQLITE_STATIC);
}

static int add_scan(struct sqlite *sqlite, const struct scan_facts *facts, struct error *err)
{
    static const char sql[] =
        "INSERT INTO scan(version, command, seed, started, tcp_ports, udp_ports, sctp_ports,"
        " ip_protocols) VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
    char seed[DECIMAL_DIGITS_MAX + 1];
    sqlite3_stmt *insert = NULL;
    int result = prepare(sqlite, sql, &insert, err);
    if (result < 0)
        return result;
    *decimal_write(seed, facts->seed) = '\0';
    bind_text(insert, 1, facts->version);
    bind_text(insert, 2, facts->command);
    bind_text(insert, 3, seed);
    sqlite3_bind_int64(insert, 4, (sqlite3_int64)facts->start_time);
    bind_text(insert, 5, facts->tcp_text);
    bind_text(insert, 6, facts->udp_text);
    bind_text(insert, 7, facts->sctp_text);
    bind_text(insert, 8, facts->ip_protocol_text);
    result = run(sqlite, insert, err);
    sqlite->scan = sqlite3_last_insert_rowid(sqlite->database);
    sqlite3_finalize(insert);
    return result;
}

static int add_targets(const struct sqlite *sqlite, const struct scan_facts *facts,
                       struct error *err)
{
    sqlite3_stmt *insert = NULL;
    int result =
        prepare(sqlite, "INSERT INTO target(scan, first, last) VALUES(?, ?, ?)", &insert, err);
    for (size_t i = 0; result == 0 && i < facts->range_count; i++) {
        struct ip_address first, last;
        char first_text[IP_TEXT_SIZE], last_text[IP_TEXT_SIZE];
        facts->range(facts->range_context, i, &first, &last);
        sqlite3_bind_int64(insert, 1, sqlite->scan);
        bind_text(insert, 2, ip_format(&first, first_text));
        bind_text(insert, 3, ip_format(&last, last_text));
        result = run(sqlite, insert, err);
    }
    sqlite3_finalize(insert);
    return result;
}

/* Only scans with names need their table. */
static int add_names(const struct sqlite *sqlite, const struct scan_facts *facts, struct error *err)
{
    static const char table[] = "CREATE TABLE IF NOT EXISTS name("
                                " scan INTEGER NOT NULL REFERENCES scan(id),"
                                " ip TEXT NOT NULL,"
                                " name TEXT NOT NULL);";
    sqlite3_stmt *insert = NULL;
    if (facts->names == NULL || facts->names->count == 0)
        return 0;
    if (execute(sqlite, table, err) < 0 ||
        prepare(sqlite, "INSERT INTO name(scan, ip, name) VALUES(?, ?, ?)", &insert, err) < 0)
        return -1;
    int result = 0;
    for (size_t i = 0; result == 0 && i < facts->names->count; i++) {
        const struct host_name *item = &facts->names->items[i];
        struct ip_address address = ip_from_number(item->address);
        char text[IP_TEXT_SIZE];
        sqlite3_bind_int64(insert, 1, sqlite->scan);
        bind_text(insert, 2, ip_format(&address, text));
        bind_text(insert, 3, item->name);
        result = run(sqlite, insert, err);
    }
    sqlite3_finalize(insert);
    return result;
}

/* The scan's row, and before it the tables if they are not there yet, in one transaction. */
static int begin_scan(struct sqlite *sqlite, const struct scan_facts *facts, struct error *err)
{
    if (execute(sqlite, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    int has_tables = check_earlier(sqlite, err);
    if (has_tables < 0 || (has_tables == 0 && create_tables(sqlite, err) < 0) ||
        add_scan(sqlite, facts, err) < 0 || add_targets(sqlite, facts, err) < 0 ||
        add_names(sqlite, facts, err) < 0)
        return -1;
    return execute(sqlite, "COMMIT", err);
}

static int prepare_all(struct sqlite *sqlite, struct error *err)
{
    for (unsigned i = 0; i < STATEMENTS; i++) {
        int result = prepare(sqlite, statements_sql[i], &sqlite->statements[i], err);
        if (result < 0)
            return result;
    }
    sqlite3_bind_int64(sqlite->statements[STATEMENT_RESULT], 1, sqlite->scan);
    sqlite3_bind_int64(sqlite->statements[STATEMENT_BANNER], 1, sqlite->scan);
    return 0;
}

/* What a link leads to, for the logs lie beside that. A file that is not there yet gets a directory
 * in front: SQLite has names that mean no file (":memory:"), and none of them has one. */
static char *file_path(const char *place)
{
    char *path = realpath(place, NULL);
    if (path != NULL)
        return path;
    const char *directory = strchr(place, '/') != NULL ? "" : "./";
    return asprintf(&path, "%s%s", directory, place) < 0 ? NULL : path;
}

static int begin(struct sqlite *sqlite, const struct store_setup *setup, char notice[256],
                 struct error *err)
{
    bool goes_on = setup->append && has_content(sqlite->path);
    if (goes_on && !is_database(sqlite->path))
        return foreign(sqlite, "not an SQLite database", err);
    if (!setup->append && make_way(sqlite, notice, err) < 0)
        return -1;
    /* Another program's database is not touched, not even its mode. */
    if (open_database(sqlite, err) < 0 || check_earlier(sqlite, err) < 0 ||
        configure(sqlite, err) < 0 || begin_scan(sqlite, setup->facts, err) < 0 ||
        prepare_all(sqlite, err) < 0)
        return -1;
    if (goes_on)
        snprintf(notice, 256, "going on behind the earlier results in %.200s", setup->place);
    return 0;
}

/* An earlier file has given way to one that could not be made: its new name must not be lost. */
static void tell_as_well(const char *notice, struct error *err)
{
    if (err == NULL)
        return;
    const struct error inner = *err;
    error_set(err, "%.250s; %s", inner.text, notice);
}

static int open_store(void *state, const struct store_setup *setup, char notice[256],
                      struct error *err)
{
    struct sqlite *sqlite = state;
    int result = check_place(setup->place, err);
    if (result < 0)
        return result;
    sqlite->path = file_path(setup->place);
    if (sqlite->path == NULL)
        return error_set(err, "no memory to open '%s'", setup->place);
    result = begin(sqlite, setup, notice, err);
    if (result < 0)
        free_all(sqlite);
    if (result < 0 && notice[0] != '\0')
        tell_as_well(notice, err);
    return result;
}

/* Records */

static int commit(struct sqlite *sqlite, struct error *err)
{
    if (!sqlite->in_transaction)
        return 0;
    sqlite->in_transaction = false;
    sqlite->pending = 0;
    return run(sqlite, sqlite->statements[STATEMENT_COMMIT], err);
}

static void bind_word(sqlite3_stmt *statement, int column, const struct word *word)
{
    sqlite3_bind_text(statement, column, word->text, (int)word->length, SQLITE_STATIC);
}

static int add_result(const struct sqlite *sqlite, sqlite3_stmt *insert,
                      const struct result *result, struct error *err)
{
    char reason[REASON_ROOM];
    bind_word(insert, 6, result_status_name(result->status));
    sqlite3_bind_text(insert, 7, reason, (int)(put_reason(reason, result->reason) - reason),
                      SQLITE_STATIC);
    sqlite3_bind_int(insert, 8, result->ttl);
    return run(sqlite, insert, err);
}

static int add_banner(const struct sqlite *sqlite, sqlite3_stmt *insert,
                      const struct result *result, struct error *err)
{
    sqlite3_bind_int(insert, 6, result->ttl);
    bind_word(insert, 7, result_app_name(result->app));
    const void *bytes = result->banner_length > 0 ? (const void *)result->banner : "";
    sqlite3_bind_blob(insert, 8, bytes, (int)result->banner_length, SQLITE_STATIC);
    return run(sqlite, insert, err);
}

static int record(void *state, const struct result *result, struct error *err)
{
    struct sqlite *sqlite = state;
    char ip[IP_TEXT_SIZE];
    bool is_banner = result->kind == RESULT_BANNER;
    if (!sqlite->in_transaction && run(sqlite, sqlite->statements[STATEMENT_BEGIN], err) < 0)
        return -1;
    sqlite->in_transaction = true;
    sqlite3_stmt *insert = sqlite->statements[is_banner ? STATEMENT_BANNER : STATEMENT_RESULT];
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)result->time);
    sqlite3_bind_text(insert, 3, ip, (int)(put_ip(ip, &result->ip) - ip), SQLITE_STATIC);
    bind_word(insert, 4, result_protocol_name(result->protocol));
    sqlite3_bind_int(insert, 5, result->port);
    int added = is_banner ? add_banner(sqlite, insert, result, err)
                          : add_result(sqlite, insert, result, err);
    if (added == 0 && ++sqlite->pending == BATCH_MAX)
        return commit(sqlite, err);
    return added;
}

static int flush(void *state, struct error *err)
{
    return commit(state, err);
}

/* Ending */

static int end_scan(const struct sqlite *sqlite, uint64_t now, struct error *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE scan SET ended = %lld WHERE id = %lld", (long long)now,
             (long long)sqlite->scan);
    return execute(sqlite, sql, err);
}

/* While another program reads, the log has to stay; the last one to close the database works it in.
 */
static int leave_one_file(const struct sqlite *sqlite, struct error *err)
{
    sqlite3_busy_timeout(sqlite->database, 0);
    int code = sqlite3_exec(sqlite->database,
                            "PRAGMA wal_checkpoint(TRUNCATE);"
                            "PRAGMA journal_mode = DELETE;",
                            NULL, NULL, NULL);
    return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED
               ? 0
               : fail(sqlite, err);
}

static int close_store(void *state, uint64_t now, struct error *err)
{
    struct sqlite *sqlite = state;
    int result = commit(sqlite, err);
    if (result == 0)
        result = execute(sqlite, indexes_sql, err);
    if (result == 0)
        result = end_scan(sqlite, now, err);
    if (result == 0)
        result = leave_one_file(sqlite, err);
    free_all(sqlite);
    return result;
}

static void abandon(void *state)
{
    free_all(state);
}

const struct store_ops store_sqlite = {
    .name = "sqlite",
    .aliases = "sqlite3",
    .help = "an SQLite database",
    .state_size = sizeof(struct sqlite),
    .is_file = true,
    .check = check_place,
    .open = open_store,
    .record = record,
    .flush = flush,
    .close = close_store,
    .abandon = abandon,
};
