/* What is said first: the tables, and who reads them. */
#include "grab/hello_plan.h"

#include <stdlib.h>

#include "banner/protocols.h"

enum { PORTS = 65536, RUNGS_MAX = HELLO_ATTEMPT_HTTP };

/* Ports where TLS is usual, and who speaks inside (IANA's registry; manuals of products). */
static const struct {
    uint16_t port;
    const char *inside; /* NULL: who knows */
} tls_ports[] = {
    {322, "rtsp"},  {443, "http"},         {465, "smtp"},   {636, "ldap"},        {990, "ftp"},
    {991, NULL},    {992, "telnet"},       {993, "imap"},   {994, NULL},          {995, "pop3"},
    {2083, "http"}, {2087, "http"},        {2096, "http"},  {2376, "docker"},     {3269, "ldap"},
    {5061, "sip"},  {5671, "amqp"},        {6380, "redis"}, {6443, "kubernetes"}, {6697, NULL},
    {8140, "http"}, {8443, "http"},        {8531, "http"},  {8883, "mqtt"},       {9050, NULL},
    {9443, "http"}, {10250, "kubernetes"}, {49955, "http"},
};

/* What HELLO_ANY tries, in this order; NULL is TLS. A request comes early and last, for many
 * servers that are no web servers say what they are when they refuse it: known answers are taken
 * the first time, others in the end.
 *
 * There are no more attempts than rungs. So some hellos are said on their ports only: those that
 * are HTTP themselves (docker, kubernetes); those whose servers say what they are to any question
 * (irc, xmpp, nut) or are rarely met elsewhere. */
static const char *const ladder[] = {
    NULL,        "http",      "redis",     "postgres", "memcached", "mongodb", "ldap",
    "dns",       "x11",       "mqtt",      "amqp",     "rtsp",      "sip",     "java-rmi",
    "minecraft", "rdp",       "smb",       "netbios",  "afp",       "mssql",   "kerberos",
    "socks5",    "zookeeper", "cassandra", "kafka",    "epmd",      "rpc",     "http",
};

struct hello_plan {
    enum hello_policy policy;
    struct hello rungs[RUNGS_MAX];
    unsigned rung_count;
    struct hello first[PORTS]; /* at the first attempt, by port: it is asked for often */
};

static struct hello of_protocol(const struct banner_ops *protocol)
{
    bool speaks = protocol != NULL && protocol->hello != NULL;
    return (struct hello){.kind = speaks ? HELLO_PROTOCOL : HELLO_NONE, .protocol = protocol};
}

static struct hello tls_with(const char *inside)
{
    return (struct hello){.kind = HELLO_TLS, .protocol = inside ? banner_by_name(inside) : NULL};
}

static struct hello usual_on(uint16_t port)
{
    for (unsigned i = 0; i < sizeof tls_ports / sizeof tls_ports[0]; i++)
        if (tls_ports[i].port == port)
            return tls_with(tls_ports[i].inside);
    return of_protocol(banner_by_port(port));
}

/* ---- making a plan ---- */

static void add_rung(struct hello_plan *plan, const char *name)
{
    struct hello rung = name != NULL ? of_protocol(banner_by_name(name)) : tls_with(NULL);
    if (rung.kind != HELLO_NONE)
        plan->rungs[plan->rung_count++] = rung;
}

/* What is said where nothing is usual. */
static struct hello anywhere(enum hello_policy policy)
{
    switch (policy) {
    case HELLO_SSL:
        return tls_with(NULL);
    case HELLO_HTTP:
        return of_protocol(&banner_http);
    case HELLO_SMB:
        return of_protocol(&banner_smb);
    case HELLO_BY_PORT:
    case HELLO_ANY:
        break;
    }
    return of_protocol(NULL);
}

static void set_usual_of_protocols(struct hello_plan *plan)
{
    for (unsigned p = 0; p < banner_protocol_count; p++)
        for (unsigned i = 0; i < BANNER_PORTS_MAX && banner_protocols[p]->ports[i] != 0; i++) {
            uint16_t port = banner_protocols[p]->ports[i];
            plan->first[port] = usual_on(port);
        }
}

static void set_usual_of_tls(struct hello_plan *plan)
{
    for (unsigned i = 0; i < sizeof tls_ports / sizeof tls_ports[0]; i++)
        plan->first[tls_ports[i].port] = tls_with(tls_ports[i].inside);
}

static void set_first(struct hello_plan *plan, const struct hello_bytes *own, unsigned own_count)
{
    const enum hello_policy policy = plan->policy;
    for (unsigned port = 0; port < PORTS; port++)
        plan->first[port] = anywhere(policy);
    if (policy == HELLO_BY_PORT || policy == HELLO_ANY)
        set_usual_of_protocols(plan);
    if (policy == HELLO_BY_PORT || policy == HELLO_ANY || policy == HELLO_SSL)
        set_usual_of_tls(plan);
    for (unsigned i = 0; i < own_count; i++)
        plan->first[own[i].port] = (struct hello){HELLO_BYTES, usual_on(own[i].port).protocol,
                                                  own[i].bytes, own[i].length};
}

struct hello_plan *hello_plan_new(enum hello_policy policy, const struct hello_bytes *own,
                                  unsigned own_count, struct error *err)
{
    struct hello_plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        error_set(err, "out of memory for what is said to servers");
        return NULL;
    }
    plan->policy = policy;
    set_first(plan, own, own_count);
    for (unsigned i = 0; i < sizeof ladder / sizeof ladder[0]; i++)
        add_rung(plan, ladder[i]);
    return plan;
}

void hello_plan_free(struct hello_plan *plan)
{
    free(plan);
}

/* ---- asking it ---- */

static bool is_same(const struct hello *a, const struct hello *b)
{
    return a->kind == b->kind && (a->kind == HELLO_TLS || a->protocol == b->protocol);
}

/* The later attempts climb the ladder, but for the rung that was the first attempt. The last rung
 * is climbed all the same. */
static struct hello later(const struct hello_plan *plan, uint16_t port, unsigned attempt)
{
    const struct hello *before = &plan->first[port];
    if (before->kind != HELLO_NONE)
        attempt--;
    for (unsigned i = 0; i < plan->rung_count; i++) {
        bool again = is_same(&plan->rungs[i], before) && i + 1 < plan->rung_count;
        if (!again && attempt-- == 0)
            return plan->rungs[i];
    }
    return (struct hello){.kind = HELLO_NONE};
}

struct hello hello_plan_at(const struct hello_plan *plan, uint16_t port, unsigned attempt)
{
    if (attempt == HELLO_ATTEMPT_HTTP)
        return of_protocol(&banner_http);
    if (attempt == HELLO_ATTEMPT_TLS || attempt == HELLO_ATTEMPT_TLS_BARE)
        return (struct hello){.kind = HELLO_TLS, .protocol = usual_on(port).protocol};
    struct hello hello = plan->first[port];
    if (plan->policy == HELLO_ANY && (attempt > 0 || hello.kind == HELLO_NONE))
        return later(plan, port, attempt);
    return attempt == 0 ? hello : (struct hello){.kind = HELLO_NONE};
}

bool hello_plan_goes_on(const struct hello_plan *plan, uint16_t port, unsigned attempt)
{
    return attempt + 1 < HELLO_ATTEMPT_HTTP &&
           hello_plan_at(plan, port, attempt + 1).kind != HELLO_NONE;
}

unsigned hello_plan_attempt_of(const struct hello_plan *plan, uint16_t port, unsigned after,
                               const struct banner_ops *protocol)
{
    for (unsigned attempt = after; hello_plan_goes_on(plan, port, attempt); attempt++) {
        struct hello next = hello_plan_at(plan, port, attempt + 1);
        if (next.kind == HELLO_PROTOCOL && next.protocol == protocol)
            return attempt + 1;
    }
    return 0;
}
