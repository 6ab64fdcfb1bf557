/* The parsers of target text: lists from arguments and from files, and port lists.
 *
 * Beyond not crashing: an error has a text of one printable line, and a set that was read is read
 * back the same from the text that is made of it. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/port.h"
#include "fuzz_target.h"
#include "memory_file.h"
#include "target/parse.h"

static void check_printable(const struct error *err)
{
    check_error(err);
    for (const char *at = err->text; *at != '\0'; at++)
        check(*at >= ' ' && *at <= '~');
}

static void check_same(const struct range_set *a, const struct range_set *b)
{
    check(a->count == b->count);
    check(a->count == 0 || memcmp(a->ranges, b->ranges, a->count * sizeof *a->ranges) == 0);
}

static void check_same_ipv6(const struct range6_set *a, const struct range6_set *b)
{
    check(a->count == b->count);
    check(a->count == 0 || memcmp(a->ranges, b->ranges, a->count * sizeof *a->ranges) == 0);
}

static void normalise(struct range_set *set)
{
    check(range_set_normalise(set, NULL) == 0);
}

static void normalise_addresses(struct address_set *set)
{
    check(address_set_normalise(set, NULL) == 0);
}

static void check_addresses_read_back(struct address_set *set)
{
    struct address_set again = {0};
    struct buffer text;
    buffer_init(&text, 1 << 24);
    normalise_addresses(set);
    for (size_t i = 0; i < address_set_range_count(set); i++) {
        target_format_range(&text, address_set_range(set, i));
        buffer_char(&text, '\n');
    }
    check(address_set_is_empty(set) ||
          target_parse_addresses(&again, buffer_string(&text), NULL) == 0);
    normalise_addresses(&again);
    check_same(&set->v4, &again.v4);
    check_same_ipv6(&set->v6, &again.v6);
    buffer_fini(&text);
    address_set_fini(&again);
}

static void check_ports_read_back(struct range_set *set)
{
    struct range_set again = {0};
    struct buffer text;
    buffer_init(&text, 1 << 24);
    normalise(set);
    target_format_ports(&text, set);
    check(target_parse_ports(&again, buffer_string(&text), PORT_TCP, NULL) == 0);
    normalise(&again);
    check_same(set, &again);
    buffer_fini(&text);
    range_set_fini(&again);
}

static void try_argument(const char *text)
{
    struct address_set set = {0};
    struct error err = {0};
    if (target_parse_addresses(&set, text, &err) < 0)
        check_printable(&err);
    else
        check_addresses_read_back(&set);
    address_set_fini(&set);
}

static void try_ports(const char *text, int initial)
{
    struct range_set set = {0};
    struct error err = {0};
    if (target_parse_ports(&set, text, initial, &err) < 0)
        check_printable(&err);
    else
        check_ports_read_back(&set);
    range_set_fini(&set);
}

static void try_file(const uint8_t *data, size_t size)
{
    struct address_set set = {0};
    struct error err = {0};
    struct memory_file file = memory_file_of(data, size);
    if (target_load_addresses(&set, file.path, &err) < 0)
        check_printable(&err);
    else
        check_addresses_read_back(&set);
    close(file.fd);
    address_set_fini(&set);
}

/* The first byte chooses the parser. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    if (text == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    unsigned choice = data[0] % (PORT_CLASSES + 2);
    if (choice < PORT_CLASSES)
        try_ports(text, (int)choice);
    else if (choice == PORT_CLASSES)
        try_argument(text);
    else
        try_file(data + 1, size - 1);
    free(text);
    return 0;
}
