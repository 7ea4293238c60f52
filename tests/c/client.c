/* All that the C client of ZooKeeper can do, as cases that know nothing about which server they talk to.
 *
 * Usage: client HOSTS. Says `version V`, then for each case `ok NAME` or `failed NAME: WHY`, and `end` at last. A case that needs a
 * server to fail says `please kill` (the one that leads, or the only one) or `please restart`, and waits for a line.
 */

#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>
#include <zookeeper/zookeeper_version.h>

/* What a session timeout is asked for; the least that the servers of the test grant. */
static const int TIMEOUT_MS = 1000;
static const int PATIENCE_MS = 20000;

static const char *hosts;
static const char *name;
static char root[256];
static char why[512];

/* Ends the case: it has failed. */
#define CHECK(condition)                                                                                                         \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            snprintf(why, sizeof why, "`%s` does not hold", #condition);                                                         \
            return;                                                                                                              \
        }                                                                                                                        \
    } while (0)

#define EXPECT(call, expected)                                                                                                   \
    do {                                                                                                                         \
        int code_ = (call);                                                                                                      \
        if (code_ != (expected)) {                                                                                               \
            snprintf(why, sizeof why, "`%s` gives %s, not %s", #call, zerror(code_), #expected);                                 \
            return;                                                                                                              \
        }                                                                                                                        \
    } while (0)

/* What a watcher has been told: the states of its session, and events in their order. */
struct heard {
    pthread_mutex_t lock;
    int states[64], state_count;
    int types[64], event_count;
    char paths[64][256];
};

static void hear(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh;
    struct heard *heard = context;
    pthread_mutex_lock(&heard->lock);
    if (type == ZOO_SESSION_EVENT) {
        if (heard->state_count < 64) heard->states[heard->state_count++] = state;
    } else if (heard->event_count < 64) {
        heard->types[heard->event_count] = type;
        snprintf(heard->paths[heard->event_count++], 256, "%s", path);
    }
    pthread_mutex_unlock(&heard->lock);
}

static void forget(struct heard *heard) {
    memset(heard, 0, sizeof *heard);
    pthread_mutex_init(&heard->lock, NULL);
}

static int has_state(struct heard *heard, int state, int from) {
    int found = 0;
    pthread_mutex_lock(&heard->lock);
    for (int i = from; i < heard->state_count; i++) found |= heard->states[i] == state;
    pthread_mutex_unlock(&heard->lock);
    return found;
}

static int events(struct heard *heard) {
    pthread_mutex_lock(&heard->lock);
    int count = heard->event_count;
    pthread_mutex_unlock(&heard->lock);
    return count;
}

/* Waits until the condition holds; it is worth 0 when it does not in time. */
#define EVENTUALLY(condition)                                                                                                    \
    ({                                                                                                                           \
        int waited_ = 0;                                                                                                         \
        while (!(condition) && waited_ < PATIENCE_MS) {                                                                          \
            usleep(10000);                                                                                                       \
            waited_ += 10;                                                                                                       \
        }                                                                                                                        \
        waited_ < PATIENCE_MS;                                                                                                   \
    })

static zhandle_t *open_session(struct heard *heard, const clientid_t *id, int timeout_ms) {
    forget(heard);
    zhandle_t *zh = zookeeper_init(hosts, hear, timeout_ms, id, heard, 0);
    if (zh && EVENTUALLY(zoo_state(zh) == ZOO_CONNECTED_STATE)) return zh;
    printf("failed %s: no session\nend\n", name);
    exit(1);
}

static const char *at(const char *child) {
    static char paths[8][512];
    static int next;
    char *path = paths[next = (next + 1) % 8];
    snprintf(path, 512, "%s/%s", root, child);
    return path;
}

static int put(zhandle_t *zh, const char *child, const char *data, int mode) {
    return zoo_create(zh, at(child), data, (int)strlen(data), &ZOO_OPEN_ACL_UNSAFE, mode, NULL, 0);
}

/* Asks the test for something and waits until it is done. */
static void please(const char *what) {
    char line[64];
    printf("please %s\n", what);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(1);
}

static void caught_up(int code, const char *value, const void *context) {
    (void)value;
    *(volatile int *)context = code == ZOK ? 1 : -1;
}

/* Has the server of this session learn all that the others have acknowledged before. */
static int catch_up(zhandle_t *zh) {
    static volatile int done;
    done = 0;
    return zoo_async(zh, root, caught_up, (void *)&done) == ZOK && EVENTUALLY(done) && done == 1;
}

static void znodes(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct Stat stat, again;
    char data[16], created[256];
    int length = sizeof data;
    EXPECT(zoo_create2(zh, at("a"), "one", 3, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT, created, sizeof created, &stat), ZOK);
    CHECK(strcmp(created, at("a")) == 0 && stat.version == 0 && stat.dataLength == 3 && stat.czxid == stat.mzxid);
    EXPECT(put(zh, "a", "", ZOO_PERSISTENT), ZNODEEXISTS);
    EXPECT(put(zh, "no/parent", "", ZOO_PERSISTENT), ZNONODE);
    EXPECT(zoo_get(zh, at("a"), 0, data, &length, &again), ZOK);
    CHECK(length == 3 && memcmp(data, "one", 3) == 0 && again.czxid == stat.czxid && again.ephemeralOwner == 0);
    EXPECT(zoo_set2(zh, at("a"), "three", 5, 0, &again), ZOK);
    CHECK(again.version == 1 && again.mzxid > stat.mzxid && again.czxid == stat.czxid);
    EXPECT(zoo_set(zh, at("a"), "x", 1, 0), ZBADVERSION);
    EXPECT(zoo_set(zh, at("a"), NULL, -1, -1), ZOK);
    length = sizeof data;
    EXPECT(zoo_get(zh, at("a"), 0, data, &length, NULL), ZOK);
    CHECK(length == -1);
    EXPECT(zoo_exists(zh, at("b"), 0, &stat), ZNONODE);
    EXPECT(put(zh, "a/b", "", ZOO_PERSISTENT), ZOK);
    EXPECT(zoo_exists(zh, at("a"), 0, &stat), ZOK);
    CHECK(stat.numChildren == 1 && stat.cversion == 1);
    EXPECT(zoo_delete(zh, at("a"), -1), ZNOTEMPTY);
    EXPECT(zoo_delete(zh, at("a/b"), 7), ZBADVERSION);
    EXPECT(zoo_delete(zh, at("a/b"), 0), ZOK);
    EXPECT(zoo_delete(zh, at("a"), -1), ZOK);
    EXPECT(zoo_delete(zh, at("a"), -1), ZNONODE);
}

static void kinds_of_znodes(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    char created[256];
    struct Stat stat;
    EXPECT(put(zh, "p", "", ZOO_PERSISTENT), ZOK);
    for (int i = 0; i < 3; i++) {
        char expected[256];
        snprintf(expected, sizeof expected, "%s%010d", at("p/s-"), i);
        EXPECT(zoo_create(zh, at("p/s-"), "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, created, 256), ZOK);
        CHECK(strcmp(created, expected) == 0);
    }
    EXPECT(put(zh, "e", "", ZOO_EPHEMERAL), ZOK);
    EXPECT(zoo_exists(zh, at("e"), 0, &stat), ZOK);
    CHECK(stat.ephemeralOwner == zoo_client_id(zh)->client_id);
    EXPECT(put(zh, "e/child", "", ZOO_PERSISTENT), ZNOCHILDRENFOREPHEMERALS);
    EXPECT(zoo_create(zh, at("es-"), "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL_SEQUENTIAL, created, 256), ZOK);
    EXPECT(zoo_create2(zh, at("c"), "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_CONTAINER, NULL, 0, &stat), ZOK);
    EXPECT(zoo_create_ttl(zh, at("t"), "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_WITH_TTL, 1000, NULL, 0), ZUNIMPLEMENTED);
}

static void children(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct String_vector names;
    struct Stat stat;
    EXPECT(zoo_get_children(zh, root, 0, &names), ZOK);
    CHECK(names.count == 0);
    for (char child[2] = "a"; child[0] < 'd'; child[0]++) EXPECT(put(zh, child, "", ZOO_PERSISTENT), ZOK);
    EXPECT(zoo_get_children2(zh, root, 0, &names, &stat), ZOK);
    CHECK(names.count == 3 && stat.numChildren == 3 && stat.cversion == 3);
    deallocate_String_vector(&names);
    EXPECT(zoo_get_children(zh, at("none"), 0, &names), ZNONODE);
}

static void watches(zhandle_t *zh, struct heard *heard) {
    struct heard own;
    struct Stat stat;
    struct String_vector names;
    char data[16];
    int length = sizeof data, before = events(heard);
    forget(&own);
    EXPECT(zoo_wexists(zh, at("a"), hear, &own, &stat), ZNONODE);
    EXPECT(put(zh, "a", "", ZOO_PERSISTENT), ZOK);
    CHECK(EVENTUALLY(events(&own) == 1) && own.types[0] == ZOO_CREATED_EVENT && strcmp(own.paths[0], at("a")) == 0);
    EXPECT(zoo_wget(zh, at("a"), hear, &own, data, &length, &stat), ZOK);
    EXPECT(zoo_set(zh, at("a"), "1", 1, -1), ZOK);
    EXPECT(zoo_set(zh, at("a"), "2", 1, -1), ZOK);
    CHECK(EVENTUALLY(events(&own) == 2) && own.types[1] == ZOO_CHANGED_EVENT);
    EXPECT(zoo_wget_children(zh, at("a"), hear, &own, &names), ZOK);
    EXPECT(put(zh, "a/b", "", ZOO_PERSISTENT), ZOK);
    EXPECT(put(zh, "a/c", "", ZOO_PERSISTENT), ZOK);
    CHECK(EVENTUALLY(events(&own) == 3) && own.types[2] == ZOO_CHILD_EVENT && strcmp(own.paths[2], at("a")) == 0);
    EXPECT(zoo_wexists(zh, at("a/b"), hear, &own, &stat), ZOK);
    EXPECT(zoo_delete(zh, at("a/b"), -1), ZOK);
    CHECK(EVENTUALLY(events(&own) == 4) && own.types[3] == ZOO_DELETED_EVENT);
    /* The watcher of the session hears only what was asked for with a plain `watch`. */
    CHECK(events(heard) == before);
    EXPECT(zoo_exists(zh, at("a/c"), 1, &stat), ZOK);
    EXPECT(zoo_delete(zh, at("a/c"), -1), ZOK);
    CHECK(EVENTUALLY(events(heard) == before + 1) && events(&own) == 4);
}

static void watches_are_removed(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct heard own;
    struct Stat stat;
    char data[4];
    int length = sizeof data;
    forget(&own);
    EXPECT(put(zh, "a", "", ZOO_PERSISTENT), ZOK);
    EXPECT(zoo_remove_watches(zh, at("a"), ZWATCHTYPE_DATA, hear, &own, 0), ZNOWATCHER);
    EXPECT(zoo_wget(zh, at("a"), hear, &own, data, &length, &stat), ZOK);
    EXPECT(zoo_remove_watches(zh, at("a"), ZWATCHTYPE_DATA, hear, &own, 0), ZOK);
    EXPECT(zoo_set(zh, at("a"), "1", 1, -1), ZOK);
    EXPECT(zoo_wexists(zh, at("a"), hear, &own, &stat), ZOK);
    EXPECT(zoo_remove_all_watches(zh, at("a"), ZWATCHTYPE_ANY, 0), ZOK);
    EXPECT(zoo_delete(zh, at("a"), -1), ZOK);
    EXPECT(put(zh, "a", "", ZOO_PERSISTENT), ZOK);
    /* A later event would have come behind those. */
    EXPECT(zoo_wexists(zh, at("a"), hear, &own, &stat), ZOK);
    EXPECT(zoo_set(zh, at("a"), "2", 1, -1), ZOK);
    CHECK(EVENTUALLY(events(&own) > 0) && own.types[events(&own) - 1] == ZOO_CHANGED_EVENT);
    for (int i = 0; i < events(&own) - 1; i++) CHECK(own.types[i] == ZOO_NOTWATCHING_EVENT || own.types[i] < 0);
}

static void transactions(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    zoo_op_t ops[4];
    zoo_op_result_t results[4];
    struct Stat stat;
    char created[256];
    zoo_create_op_init(&ops[0], at("a"), "1", 1, &ZOO_OPEN_ACL_UNSAFE, 0, created, sizeof created);
    zoo_set_op_init(&ops[1], at("a"), "22", 2, 0, &stat);
    zoo_check_op_init(&ops[2], at("a"), 1);
    zoo_delete_op_init(&ops[3], at("a"), 1);
    EXPECT(zoo_multi(zh, 4, ops, results), ZOK);
    CHECK(strcmp(created, at("a")) == 0 && stat.version == 1 && stat.dataLength == 2);
    EXPECT(zoo_exists(zh, at("a"), 0, &stat), ZNONODE);
    zoo_check_op_init(&ops[2], at("a"), 5);
    EXPECT(zoo_multi(zh, 4, ops, results), ZBADVERSION);
    EXPECT(results[0].err, ZOK);
    EXPECT(results[1].err, ZOK);
    EXPECT(results[2].err, ZBADVERSION);
    EXPECT(results[3].err, ZRUNTIMEINCONSISTENCY);
    EXPECT(zoo_exists(zh, at("a"), 0, &stat), ZNONODE);
    EXPECT(zoo_multi(zh, 0, ops, results), ZOK);
}

static void access_is_controlled(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct heard other_heard;
    struct ACL_vector acl;
    struct Stat stat;
    char data[8];
    int length = sizeof data;
    EXPECT(zoo_create(zh, at("n"), "", 0, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZINVALIDACL);
    EXPECT(zoo_add_auth(zh, "digest", "me:secret", 9, NULL, NULL), ZOK);
    EXPECT(zoo_create(zh, at("mine"), "1", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZOK);
    EXPECT(zoo_create(zh, at("shown"), "1", 1, &ZOO_READ_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(zoo_get_acl(zh, at("mine"), &acl, &stat), ZOK);
    CHECK(acl.count == 1 && strcmp(acl.data[0].id.scheme, "digest") == 0 && strncmp(acl.data[0].id.id, "me:", 3) == 0);
    CHECK(acl.data[0].perms == ZOO_PERM_ALL && stat.aversion == 0);
    zhandle_t *other = open_session(&other_heard, NULL, TIMEOUT_MS);
    int codes[6];
    codes[0] = catch_up(other) ? zoo_get(other, at("mine"), 0, data, &length, NULL) : ZSYSTEMERROR;
    codes[1] = zoo_set(other, at("shown"), "2", 1, -1);
    length = sizeof data;
    codes[2] = zoo_get(other, at("shown"), 0, data, &length, NULL);
    zoo_add_auth(other, "digest", "me:secret", 9, NULL, NULL);
    codes[3] = zoo_set(other, at("mine"), "2", 1, -1);
    codes[4] = zoo_set_acl(other, at("mine"), 0, &ZOO_OPEN_ACL_UNSAFE);
    codes[5] = zoo_set_acl(other, at("mine"), 0, &ZOO_OPEN_ACL_UNSAFE);
    zookeeper_close(other);
    EXPECT(codes[0], ZNOAUTH);
    EXPECT(codes[1], ZNOAUTH);
    EXPECT(codes[2], ZOK);
    EXPECT(codes[3], ZOK);
    EXPECT(codes[4], ZOK);
    EXPECT(codes[5], ZBADVERSION);
}

static void an_unknown_scheme_ends_the_session(zhandle_t *zh, struct heard *heard) {
    (void)zh, (void)heard;
    struct heard own;
    zhandle_t *other = open_session(&own, NULL, TIMEOUT_MS);
    zoo_add_auth(other, "nobody", "x", 1, NULL, NULL);
    int has_failed = EVENTUALLY(zoo_state(other) == ZOO_AUTH_FAILED_STATE);
    zookeeper_close(other);
    CHECK(has_failed);
}

static void the_ensemble_is_told(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    char config[4096];
    int length = sizeof config;
    struct Stat stat;
    EXPECT(zoo_getconfig(zh, 0, config, &length, &stat), ZOK);
    length = sizeof config;
    EXPECT(zoo_reconfig(zh, NULL, "9", NULL, -1, config, &length, &stat), ZRECONFIGDISABLED);
}

struct landed {
    pthread_mutex_t lock;
    int count, in_order;
};

static struct landed landed = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void land(int code, const char *value, const void *context) {
    pthread_mutex_lock(&landed.lock);
    int number = (int)(long)context;
    landed.in_order &= code == ZOK && landed.count == number && value && atoi(value + strlen(value) - 10) == number;
    landed.count++;
    pthread_mutex_unlock(&landed.lock);
}

static void a_thousand_calls_at_once_are_answered_in_order(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    landed.count = 0, landed.in_order = 1;
    for (long i = 0; i < 1000; i++) {
        EXPECT(zoo_acreate(zh, at("s-"), "x", 1, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, land, (void *)i), ZOK);
    }
    CHECK(EVENTUALLY(landed.count == 1000) && landed.in_order);
}

static void half_a_megabyte_comes_back(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    static char sent[500000], got[600000];
    int length = sizeof got;
    for (size_t i = 0; i < sizeof sent; i++) sent[i] = (char)(i * 7);
    EXPECT(zoo_create(zh, at("a"), sent, sizeof sent, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(zoo_get(zh, at("a"), 0, got, &length, NULL), ZOK);
    CHECK(length == sizeof sent && memcmp(sent, got, sizeof sent) == 0);
}

static void timeouts_are_negotiated(zhandle_t *zh, struct heard *heard) {
    (void)zh, (void)heard;
    struct heard own;
    zhandle_t *shortest = open_session(&own, NULL, 900);
    int granted = zoo_recv_timeout(shortest);
    zookeeper_close(shortest);
    zhandle_t *longest = open_session(&own, NULL, 3600000);
    int most = zoo_recv_timeout(longest);
    zookeeper_close(longest);
    /* Two and twenty ticks of half a second. */
    CHECK(granted == 1000);
    CHECK(most == 10000);
}

static void closing_deletes_ephemerals(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct heard own, watcher;
    struct Stat stat;
    forget(&watcher);
    zhandle_t *other = open_session(&own, NULL, 10000);
    int created = put(other, "e", "", ZOO_EPHEMERAL);
    /* Another server of an ensemble may not have it yet. */
    int is_there = EVENTUALLY(zoo_wexists(zh, at("e"), hear, &watcher, &stat) == ZOK);
    zookeeper_close(other);
    EXPECT(created, ZOK);
    CHECK(is_there && EVENTUALLY(watcher.event_count > 0 && watcher.types[watcher.event_count - 1] == ZOO_DELETED_EVENT));
    EXPECT(zoo_exists(zh, at("e"), 0, &stat), ZNONODE);
}

static void a_session_ends_under_its_client(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct heard own, second;
    struct Stat stat;
    zhandle_t *victim = open_session(&own, NULL, 10000);
    int created = put(victim, "e", "", ZOO_EPHEMERAL);
    clientid_t id = *zoo_client_id(victim);
    /* Two clients of one session take it from each other by turns: the second one may have to come back to close it. */
    int tries = 0, was_same = 0;
    while (!has_state(&own, ZOO_EXPIRED_SESSION_STATE, 0) && tries++ < 20) {
        forget(&second);
        zhandle_t *other = zookeeper_init(hosts, hear, 10000, &id, &second, 0);
        (void)EVENTUALLY(zoo_state(other) == ZOO_CONNECTED_STATE || zoo_state(other) == ZOO_EXPIRED_SESSION_STATE);
        was_same |= zoo_client_id(other)->client_id == id.client_id;
        zookeeper_close(other);
        usleep(200000);
    }
    int has_ended = EVENTUALLY(zoo_state(victim) == ZOO_EXPIRED_SESSION_STATE);
    int code = put(victim, "f", "", ZOO_PERSISTENT);
    zookeeper_close(victim);
    EXPECT(created, ZOK);
    CHECK(was_same);
    CHECK(has_ended);
    EXPECT(code, ZINVALIDSTATE);
    CHECK(EVENTUALLY(zoo_exists(zh, at("e"), 0, &stat) == ZNONODE));
}

static void a_wrong_password_gets_no_session(zhandle_t *zh, struct heard *heard) {
    (void)heard;
    struct heard own;
    clientid_t id = *zoo_client_id(zh);
    id.passwd[3] ^= 1;
    forget(&own);
    zhandle_t *thief = zookeeper_init(hosts, hear, TIMEOUT_MS, &id, &own, 0);
    int is_refused = EVENTUALLY(zoo_state(thief) == ZOO_EXPIRED_SESSION_STATE);
    zookeeper_close(thief);
    CHECK(is_refused);
    EXPECT(put(zh, "still", "", ZOO_PERSISTENT), ZOK);
}

static void sessions_and_watches_outlive_a_server(zhandle_t *zh, struct heard *heard) {
    (void)zh, (void)heard;
    struct heard own, watcher;
    struct Stat stat;
    char data[8];
    int length = sizeof data;
    forget(&watcher);
    zhandle_t *survivor = open_session(&own, NULL, 10000);
    int64_t id = zoo_client_id(survivor)->client_id;
    EXPECT(put(survivor, "e", "", ZOO_EPHEMERAL), ZOK);
    EXPECT(put(survivor, "d", "", ZOO_PERSISTENT), ZOK);
    EXPECT(zoo_wget(survivor, at("d"), hear, &watcher, data, &length, &stat), ZOK);
    please("kill");
    int code = ZCONNECTIONLOSS;
    if (!strchr(hosts, ',')) {
        CHECK(EVENTUALLY(zoo_state(survivor) != ZOO_CONNECTED_STATE));
        please("restart");
    }
    CHECK(EVENTUALLY((code = put(survivor, "after", "", ZOO_PERSISTENT)) == ZOK || code == ZNODEEXISTS));
    CHECK(zoo_client_id(survivor)->client_id == id);
    EXPECT(zoo_exists(survivor, at("e"), 0, &stat), ZOK);
    CHECK(stat.ephemeralOwner == id);
    EXPECT(zoo_set(survivor, at("d"), "1", 1, -1), ZOK);
    CHECK(EVENTUALLY(watcher.event_count == 1) && watcher.types[0] == ZOO_CHANGED_EVENT);
    if (strchr(hosts, ',')) please("restart");
    zookeeper_close(survivor);
}

static void nobody_pings_a_session_away(zhandle_t *zh, struct heard *heard) {
    struct Stat stat;
    EXPECT(put(zh, "e", "", ZOO_EPHEMERAL), ZOK);
    sleep(3);
    EXPECT(zoo_exists(zh, at("e"), 0, &stat), ZOK);
    CHECK(!has_state(heard, ZOO_EXPIRED_SESSION_STATE, 0));
}

#define CASE(function) {#function, function}

static const struct {
    const char *name;
    void (*run)(zhandle_t *, struct heard *);
} CASES[] = {
    CASE(znodes),
    CASE(kinds_of_znodes),
    CASE(children),
    CASE(watches),
    CASE(watches_are_removed),
    CASE(transactions),
    CASE(access_is_controlled),
    CASE(an_unknown_scheme_ends_the_session),
    CASE(the_ensemble_is_told),
    CASE(a_thousand_calls_at_once_are_answered_in_order),
    CASE(half_a_megabyte_comes_back),
    CASE(timeouts_are_negotiated),
    CASE(closing_deletes_ephemerals),
    CASE(a_session_ends_under_its_client),
    CASE(a_wrong_password_gets_no_session),
    CASE(nobody_pings_a_session_away),
    CASE(sessions_and_watches_outlive_a_server),
};

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s HOSTS\n", arguments[0]);
        return 2;
    }
    hosts = arguments[1];
    zoo_set_debug_level(0);
    printf("version %s\n", ZOO_VERSION);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct heard heard;
        name = CASES[i].name;
        why[0] = 0;
        snprintf(root, sizeof root, "/c-%s", name);
        /* Generous: nothing but the cases about time depends on it. */
        zhandle_t *zh = open_session(&heard, NULL, strstr(name, "pings") ? TIMEOUT_MS : 10000);
        int code = zoo_create(zh, root, "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT, NULL, 0);
        if (code != ZOK) snprintf(why, sizeof why, "its root cannot be created: %s", zerror(code));
        if (!why[0]) CASES[i].run(zh, &heard);
        zookeeper_close(zh);
        if (why[0]) printf("failed %s: %s\n", name, why);
        else printf("ok %s\n", name);
        fflush(stdout);
    }
    printf("end\n");
    return 0;
}
