/* A set of addresses of both families: what targets and excludes are.
 *
 * It is a range_set of IPv4 addresses and a range6_set of IPv6 ones, with the same operations.
 * Where it is looked at as a whole, IPv4 comes first, and ranges are numbers of base/address.h. */
#ifndef TARGET_ADDRESS_SET_H
#define TARGET_ADDRESS_SET_H

#include "base/address.h"
#include "target/name_list.h"
#include "target/range6_set.h"
#include "target/range_set.h"

enum { ADDRESS_ZONE_SIZE = 16 }; /* as the kernel has it */

struct address_set {
    struct range_set v4;
    struct range6_set v6;
    /* The interface that link-local addresses of the set were written with, as in fe80::1%eth0. */
    char zone[ADDRESS_ZONE_SIZE];
    /* Where host names among the text of the set go, to be looked up; somebody else's. NULL: they
     * are refused. */
    struct name_list *names;
};

/* A zeroed struct is an empty, normal set too. */
void address_set_init(struct address_set *set);
void address_set_fini(struct address_set *set);

bool address_set_is_empty(const struct address_set *set);

/* All that follow are as those of range_set.h, for both families. */
int address_set_add_all(struct address_set *set, const struct address_set *other,
                        struct error *err);
int address_set_normalise(struct address_set *set, struct error *err);
int address_set_subtract(struct address_set *set, const struct address_set *removed,
                         struct error *err);

/* How many addresses are in a normal set; UINT128_MAX for that many and more. */
uint128 address_set_size(const struct address_set *set);
bool address_set_contains(const struct address_set *set, struct ip_number address);

/* How many addresses two normal sets have in common. */
uint128 address_set_count_common(const struct address_set *one, const struct address_set *other);

/* How many ranges a set has, and each of them: of one family, as numbers. */
size_t address_set_range_count(const struct address_set *set);
struct range6 address_set_range(const struct address_set *set, size_t index);

/* A range of IPv4 addresses as numbers. */
struct range6 address_range_v4(struct range range);

#endif
