/* Target and port text, from the command line, a config file, or a list file.
 *
 * Addresses: IPv4 `a.b.c.d`, ranges `a.b.c.d-e.f.g.h`, CIDR `a.b.c.d/n` (host bits are ignored),
 * separated by white space or commas; IPv6 alike, in any text form of RFC 4291. An IPv6 address may
 * stand in brackets, with or without the rest of its item: `[::1]/64`, `[::1/64]`. One that is
 * link-local may name its interface, `fe80::1%eth0`, the same throughout a set. IPv4 addresses in
 * IPv6 form (::ffff:192.0.2.1) are refused: IPv4 packets go there, so they are to be written as
 * such; where a longer range covers them they are no part of it.
 *
 * Where host names go (struct address_set) they may stand in place of addresses.
 *
 * In files a `#`, `;`, `/` or `-` that begins a line or follows
 * a target starts a comment to the line's end; but what looks like a torn item, "10.0.0.0 /8" or
 * "10.0.0.1 - 10.0.0.9", is an error.
 *
 * Ports: a comma list of `80`, `20-25`, `N-` (to 65535, 255 for O, 1 for I), `-N` (from 1, as the
 * existing tool has it; `-` is from 1 to the end), with prefixes `T: U: S: O: I:` that hold until
 * the next prefix. White space around items is allowed, and so are empty items, but not an empty
 * list.
 *
 * Errors name what came and what would be right; those of files begin with "FILE:LINE:COLUMN: ".
 * After an error the set holds what was read before it. */
#ifndef TARGET_PARSE_H
#define TARGET_PARSE_H

#include "base/error.h"
#include "target/address_set.h"

/* Adds the addresses of one argument's text to `set` (which then is to be normalised). */
int target_parse_addresses(struct address_set *set, const char *text, struct error *err);

/* Adds the addresses of a list file, which may be empty; "-" reads standard input. 10 million
 * addresses take about a second. */
int target_load_addresses(struct address_set *set, const char *path, struct error *err);

/* Adds the port codes of one argument's text; items before any prefix are of class `initial` (an
 * enum port_class). */
int target_parse_ports(struct range_set *set, const char *text, int initial, struct error *err);

/* A short text that target_parse_ports reads back (with PORT_TCP as the initial class) to the same
 * normal set, such as "80,443-445,U:53". Appended to `out`. */
struct buffer;
void target_format_ports(struct buffer *out, const struct range_set *ports);

/* One range of an address_set as text: "10.0.0.0/8" where it is one CIDR block, a single address,
 * else "a-b". Appended to `out`. */
void target_format_range(struct buffer *out, struct range6 range);

/* The largest CIDR block that begins where `range` does and lies in it. */
struct range6 target_first_block(struct range6 range);

#endif
