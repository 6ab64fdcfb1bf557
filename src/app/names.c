/* --resolve: from the names of hosts to their addresses. */
#include "app/names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "app/app.h"

/* One list of names, and where their addresses go. */
struct lookup {
    const struct name_list *names;
    struct address_set *addresses;
    struct host_names *called; /* NULL: nobody wants to know */
    int family, flags;         /* as in struct addrinfo */
};

/* ARP knows IPv4 only. */
static int family_of(const struct conf *conf)
{
    return conf_asks_by_arp(conf) ? AF_INET : AF_UNSPEC;
}

/* What is sent goes to the families that this host has; lists have all. */
static int flags_of(const struct conf *conf)
{
    return conf->action == ACTION_SCAN || conf->action == ACTION_ECHO ? AI_ADDRCONFIG : 0;
}

static struct ip_number number_of(const struct addrinfo *info)
{
    struct ip_address ip = {0};
    if (info->ai_family == AF_INET6) {
        const struct sockaddr_in6 *at = (const struct sockaddr_in6 *)(const void *)info->ai_addr;
        ip.version = 6;
        memcpy(ip.bytes, &at->sin6_addr, 16);
        return ip_number_from(&ip);
    }
    const struct sockaddr_in *at = (const struct sockaddr_in *)(const void *)info->ai_addr;
    return ip_number_v4(ntohl(at->sin_addr.s_addr));
}

static int add_address(struct address_set *set, struct ip_number address, struct error *err)
{
    uint32_t v4 = (uint32_t)address.low;
    if (ip_number_is_v4(address))
        return range_set_add(&set->v4, v4, v4, err);
    uint128 value = ip_number_value(address);
    return range6_set_add(&set->v6, value, value, err);
}

/* Servers know their name without the dot that ends the whole of it. */
static size_t called_length(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

static int take_all(const struct lookup *lookup, const char *name, const struct addrinfo *found,
                    struct error *err)
{
    for (; found != NULL; found = found->ai_next) {
        struct ip_number address = number_of(found);
        if (add_address(lookup->addresses, address, err) < 0)
            return -1;
        if (lookup->called != NULL &&
            host_names_add(lookup->called, address, name, called_length(name), err) < 0)
            return -1;
    }
    return 0;
}

/* Positive: the name is not known; `err` has the line. */
static int look_up(const struct lookup *lookup, const char *name, struct error *err)
{
    const struct addrinfo wish = {
        .ai_family = lookup->family, .ai_socktype = SOCK_STREAM, .ai_flags = lookup->flags};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(name, NULL, &wish, &found);
    if (status != 0) {
        error_set(err, "--resolve: \"%s\": %s%s", name, gai_strerror(status),
                  lookup->family == AF_INET ? " (an IPv4 address is wanted)" : "");
        return 1;
    }
    int taken = take_all(lookup, name, found, err);
    freeaddrinfo(found);
    return taken;
}

/* The line of the name that is not known last is the caller's to print. Returns how many are not
 * known so far. */
static int look_up_all(const struct lookup *lookup, int unknown, struct error *err)
{
    for (size_t i = 0; i < lookup->names->count; i++) {
        struct error why;
        int status = look_up(lookup, lookup->names->names[i], &why);
        if (status == 0)
            continue;
        if (unknown > 0)
            fprintf(stderr, "%s: %s\n", APP_NAME, err->text);
        *err = why;
        if (status < 0)
            return -1;
        unknown++;
    }
    return unknown;
}

static int gather(struct conf *conf, struct error *err)
{
    const struct lookup excludes = {
        .names = &conf->exclude_names, .addresses = &conf->excludes, .family = AF_UNSPEC};
    const struct lookup targets = {.names = &conf->target_names,
                                   .addresses = &conf->targets,
                                   .called = &conf->host_names,
                                   .family = family_of(conf),
                                   .flags = flags_of(conf)};
    int unknown = look_up_all(&excludes, 0, err);
    if (unknown >= 0)
        unknown = look_up_all(&targets, unknown, err);
    return unknown;
}

int names_look_up(struct conf *conf, struct error *err)
{
    const size_t count = conf->target_names.count + conf->exclude_names.count;
    host_names_sort(&conf->host_names);
    if (count == 0)
        return 0;
    fprintf(stderr, "Looking up %zu host name%s\n", count, count == 1 ? "" : "s");
    if (gather(conf, err) != 0)
        return -1;
    host_names_sort(&conf->host_names);
    name_list_fini(&conf->target_names);
    name_list_fini(&conf->exclude_names);
    if (address_set_normalise(&conf->targets, err) < 0)
        return -1;
    return address_set_normalise(&conf->excludes, err);
}
