#include "control/first_start.h"

#include "base/arena.h"
#include "control/access_keys.h"
#include "control/files.h"
#include "control/resources.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "policy/publication.h"
#include "store/sealing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PASSWORD_LENGTH 20
#define USER            "administrator"
#define DOMAIN          "countersign"
#define REPORT_SIZE     1024

/* Everything drawn for the start, so that the rows and the report say the same. */
struct start {
    const struct daemon *daemon;
    struct session *session;
    char *problem;
    int64_t now;
    char domain_id[ID_SIZE];
    char project_id[ID_SIZE];
    char instance_id[ID_SIZE];
    char user_id[ID_SIZE];
    char credential_id[ID_SIZE];
    char access[ACCESS_LENGTH + 1];
    char secret[SECRET_LENGTH + 1];
    char password[PASSWORD_LENGTH + 1];
    char kept[PASSWORD_KEPT_MAX]; /* the password as it is kept */
    size_t kept_length;
};

static bool give_up(const struct start *start, const char *what)
{
    snprintf(start->problem, 256, "first start: %s", what);
    return false;
}

static bool wrote(const struct start *start, enum store_result result)
{
    return result == STORE_OK || give_up(start, result == STORE_CONFLICT ? "a row exists already" : store_problem(start->session));
}

static bool count_instances(struct session *session, int64_t *count)
{
    struct store_query everything = {0};
    return store_count(session, &entity_instance, &everything, count) == STORE_OK;
}

bool first_start_is_due(struct store *store, bool *due, char problem[static 256])
{
    int64_t count = 0;
    struct session *session = store_read(store);
    bool counted = session != NULL && count_instances(session, &count);
    if (session != NULL) store_abort(session);
    if (!counted) snprintf(problem, 256, "the store cannot be read");
    *due = count == 0;
    return counted;
}

static bool draw(struct start *start)
{
    struct buffer secret = buffer_over(start->secret, SECRET_LENGTH);
    struct buffer password = buffer_over(start->password, PASSWORD_LENGTH);
    struct buffer kept = buffer_over(start->kept, sizeof start->kept);
    bool drawn = random_id(start->domain_id) && random_id(start->project_id) && random_id(start->instance_id) &&
                 random_id(start->user_id) && random_id(start->credential_id) && access_draw(start->access) &&
                 random_text(&secret, SECRET_LENGTH) && random_text(&password, PASSWORD_LENGTH) &&
                 password_keep(buffer_bytes(&password), &kept);
    start->kept_length = kept.length;
    return drawn || give_up(start, "no randomness");
}

static bool insert_instance(const struct start *start)
{
    struct value row[INSTANCE_COLUMNS];
    row_clear(&entity_instance, row);
    row[INSTANCE_ID] = value_text(bytes_of_text(start->instance_id));
    row[INSTANCE_PROJECT_ID] = value_text(bytes_of_text(start->project_id));
    row[INSTANCE_NAME] = value_text(BYTES("countersign"));
    row[INSTANCE_CREATE_TIME] = value_integer(start->now);
    return wrote(start, store_insert(start->session, &entity_instance, row));
}

static bool insert_release(const struct start *start)
{
    struct value row[ENV_COLUMNS];
    char id[128];
    snprintf(id, sizeof id, "%s/%s", start->instance_id, ENV_RELEASE_ID);
    row_clear(&entity_env, row);
    row[ENV_ID] = value_text(bytes_of_text(id));
    row[ENV_INSTANCE_ID] = value_text(bytes_of_text(start->instance_id));
    row[ENV_NAME] = value_text(BYTES(ENV_RELEASE_NAME));
    row[ENV_CREATE_TIME] = value_integer(start->now);
    return wrote(start, store_insert(start->session, &entity_env, row));
}

static bool insert_domain(const struct start *start)
{
    struct value row[ACCOUNT_COLUMNS];
    row_clear(&entity_account, row);
    row[ACCOUNT_ID] = value_text(bytes_of_text(start->domain_id));
    row[ACCOUNT_NAME] = value_text(BYTES(DOMAIN));
    row[ACCOUNT_CREATE_TIME] = value_integer(start->now);
    return wrote(start, store_insert(start->session, &entity_account, row));
}

/* Named like the region: that is how the vendor's SDKs look for it (huawei.md 5, /v3/projects). */
static bool insert_project(const struct start *start)
{
    struct value row[PROJECT_COLUMNS];
    row_clear(&entity_project, row);
    row[PROJECT_ID] = value_text(bytes_of_text(start->project_id));
    row[PROJECT_DOMAIN_ID] = value_text(bytes_of_text(start->domain_id));
    row[PROJECT_NAME] = value_text(bytes_of_text(start->daemon->region));
    row[PROJECT_CREATE_TIME] = value_integer(start->now);
    return wrote(start, store_insert(start->session, &entity_project, row));
}

static bool insert_user(const struct start *start)
{
    struct value row[USER_COLUMNS];
    row_clear(&entity_user, row);
    row[USER_ID] = value_text(bytes_of_text(start->user_id));
    row[USER_PROJECT_ID] = value_text(bytes_of_text(start->project_id));
    row[USER_DOMAIN_ID] = value_text(bytes_of_text(start->domain_id));
    row[USER_NAME] = value_text(BYTES(USER));
    row[USER_ENABLED] = value_integer(1);
    row[USER_CREATE_TIME] = row[USER_PASSWORD_TIME] = value_integer(start->now);
    row[USER_PASSWORD] = value_text(bytes_of(start->kept, start->kept_length));
    return wrote(start, store_insert(start->session, &entity_user, row));
}

static bool insert_role(const struct start *start)
{
    struct value row[ROLE_ROW_COLUMNS];
    row_clear(&entity_role, row);
    row[ROLE_ROW_ID] = row[ROLE_ROW_USER_ID] = value_text(bytes_of_text(start->user_id));
    row[ROLE_ROW_ROLE] = value_text(bytes_of_text(role_names[ROLE_ADMINISTRATOR]));
    row[ROLE_ROW_CREATE_TIME] = value_integer(start->now);
    return wrote(start, store_insert(start->session, &entity_role, row));
}

static bool seal_into(const struct start *start, struct value *row, struct buffer *sealed)
{
    struct seal *seal = store_keys_seal(start->daemon->keys);
    bool done = seal != NULL && store_seal_credential(seal, row, CREDENTIAL_SECRET, bytes_of(start->secret, SECRET_LENGTH), sealed);
    seal_destroy(seal);
    row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(sealed));
    return done || give_up(start, "the secret could not be sealed");
}

static bool insert_access_key(const struct start *start)
{
    struct value row[CREDENTIAL_COLUMNS];
    char memory[SECRET_LENGTH + SEAL_OVERHEAD];
    struct buffer sealed = buffer_over(memory, sizeof memory);
    row_clear(&entity_credential, row);
    row[CREDENTIAL_ROW_ID] = value_text(bytes_of_text(start->credential_id));
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_KEY_PAIR);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_USER);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(bytes_of_text(start->user_id));
    row[CREDENTIAL_LOOKUP] = value_text(bytes_of(start->access, ACCESS_LENGTH));
    row[CREDENTIAL_ENABLED] = value_integer(1);
    row[CREDENTIAL_SCHEMES] = value_integer(1 << SCHEME_SDK_HMAC_SHA256);
    row[CREDENTIAL_GENERATED] = value_integer(1);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(start->session));
    row[CREDENTIAL_CREATE_TIME] = value_integer(start->now);
    return seal_into(start, row, &sealed) && wrote(start, store_insert(start->session, &entity_credential, row));
}

static bool audit(const struct start *start)
{
    struct audit row = {
        .actor = bytes_of_text(start->user_id),
        .actor_name = BYTES(USER),
        .source = BYTES("first start"),
        .action = BYTES("first_start"),
        .resource = BYTES("instance"),
        .resource_id = bytes_of_text(start->instance_id),
        .instance_id = bytes_of_text(start->instance_id),
        .time = start->now,
    };
    return wrote(start, store_audit(start->session, &row)) &&
           wrote(start, store_change(start->session, CHANGE_EVERYTHING, bytes_of_text(start->instance_id), BYTES(""), BYTES("")));
}

static bool keep_report(const struct start *start, const char *report)
{
    char path[4096];
    if (!path_join(path, sizeof path, start->daemon->data, "admin.json")) return give_up(start, "the data directory's name is too long");
    return file_replace(path, 0600, bytes_of_text(report), start->problem);
}

static bool write_rows(const struct start *start, const char *report)
{
    return insert_instance(start) && insert_release(start) && insert_domain(start) && insert_project(start) && insert_user(start) &&
           insert_role(start) && insert_access_key(start) && audit(start) && keep_report(start, report);
}

static void write_report(const struct start *start, char report[static REPORT_SIZE])
{
    snprintf(report, REPORT_SIZE,
             "{\"access\":\"%s\",\"secret\":\"%s\",\"project_id\":\"%s\",\"instance_id\":\"%s\",\"region\":\"%s\",\"user_id\":\"%s\","
             "\"user_name\":\"" USER "\",\"password\":\"%s\",\"domain_id\":\"%s\",\"domain_name\":\"" DOMAIN "\"}\n",
             start->access, start->secret, start->project_id, start->instance_id, start->daemon->region, start->user_id, start->password,
             start->domain_id);
}

/* Inside the write transaction, so that of two nodes only one is first. */
static bool run(struct start *start)
{
    char report[REPORT_SIZE];
    int64_t count;
    if (!count_instances(start->session, &count)) return give_up(start, store_problem(start->session));
    if (count > 0) {
        store_abort(start->session);
        return true;
    }
    bool written = draw(start);
    if (written) {
        write_report(start, report);
        written = write_rows(start, report);
    }
    if (!written) {
        store_abort(start->session);
    } else if (store_commit(start->session) != STORE_OK) {
        written = give_up(start, "the store did not commit");
    } else {
        fputs(report, stdout);
        fflush(stdout);
    }
    secret_wipe(report, sizeof report);
    return written;
}

bool first_start(const struct daemon *daemon, char problem[static 256])
{
    struct start start = {.daemon = daemon, .problem = problem, .now = (int64_t)time(NULL)};
    start.session = store_write(daemon->store);
    if (start.session == NULL) return give_up(&start, "no session with the store");
    bool done = run(&start);
    secret_wipe(start.secret, sizeof start.secret);
    secret_wipe(start.password, sizeof start.password);
    return done;
}
