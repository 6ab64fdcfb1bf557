/* Target text: from the command line, or from a list file of any length.
 *
 * A list file is read through a window that slides over it, so memory does not grow with the file.
 * The scanner looks at an item only when the window holds LOOKAHEAD bytes from its beginning on, or
 * all that is left; no item is that long, so none is ever cut. A NUL behind the last byte ends
 * every scan without a check of the length. Lines and columns are counted only when the window
 * moves on, and for an error. */
#include "target/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/host_names.h"
#include "target/item.h"
#include "target/quote.h"

enum { WINDOW_SIZE = 256 * 1024, LOOKAHEAD = 4096, LONGEST_NAME_SHOWN = 200 };

/* Items */

#define WANT_ITEM "192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/24"

static const struct {
    const char *wrong, *want;
} item_errors[] = {
    [ITEM_MALFORMED] = {"not an address, range or CIDR block", WANT_ITEM},
    [ITEM_MALFORMED_IPV6] = {"not an IPv6 address, range or CIDR block",
                             "2001:db8::1, 2001:db8::1-2001:db8::9 or 2001:db8::/64"},
    [ITEM_HOST_NAME] = {"host names are not looked up", "an address such as 192.0.2.1, or "
                                                        "--resolve in front of it"},
    [ITEM_REVERSED] = {"range ends before it begins", "the lower address first"},
    [ITEM_BAD_PREFIX] = {"prefix length out of range", "/0 to /32"},
    [ITEM_BAD_PREFIX_IPV6] = {"prefix length out of range", "/0 to /128"},
    [ITEM_V4_IN_V6] = {"IPv4 address in IPv6 form: no IPv6 packet can go there",
                       "the IPv4 address itself, such as 192.0.2.1"},
    [ITEM_ZONE_NOT_LOCAL] = {"only link-local addresses name an interface",
                             "addresses of fe80::/10 with it, such as fe80::1%eth0"},
    [ITEM_OTHER_ZONE] = {"link-local addresses of more than one interface",
                         "one interface in a scan"},
};

/* The text being read */

struct source {
    const char *at;  /* the next byte */
    const char *end; /* behind the last byte at hand, where a NUL stands */
    bool complete;   /* nothing follows `end` */
    /* What follows is for files only. */
    const char *name; /* NULL for text of an argument */
    char *window;
    int fd;
    uint64_t line, column; /* of the window's first byte, from 0 */
};

/* Moves line and column on from the window's beginning to `to`. */
static void count_position(struct source *s, const char *to)
{
    size_t length = (size_t)(to - s->window);
    const char *newline = memrchr(s->window, '\n', length);
    uint32_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += s->window[i] == '\n';
    s->line += lines;
    s->column = newline == NULL ? s->column + length : (uint64_t)(to - newline) - 1;
}

/* Reads until the window is full or the file has ended. */
static int fill_window(struct source *s, size_t have, struct error *err)
{
    while (have < WINDOW_SIZE && !s->complete) {
        ssize_t got = read(s->fd, s->window + have, WINDOW_SIZE - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_sys(err, errno, "cannot read the address list %s", s->name);
        s->complete = got == 0;
        have += (size_t)got;
    }
    s->window[have] = '\0';
    s->at = s->window;
    s->end = s->window + have;
    return 0;
}

/* Drops what has been read and fills the room. */
static int slide_window(struct source *s, struct error *err)
{
    size_t left = (size_t)(s->end - s->at);
    count_position(s, s->at);
    memmove(s->window, s->at, left);
    return fill_window(s, left, err);
}

/* Ensures that an item at `at`, if there is one, is at hand as a whole. */
static inline int look_ahead(struct source *s, struct error *err)
{
    if (s->complete || s->end - s->at >= LOOKAHEAD)
        return 0;
    return slide_window(s, err);
}

/* Errors */

/* Behind the last byte of the item at `at`. */
static const char *item_end(const struct source *s)
{
    const char *end = s->at;
    do
        end++;
    while (end < s->end && kind_of(*end) != BLANK && kind_of(*end) != LINE_END);
    return end;
}

/* Puts the place in front of the message, if the text is a file's. */
static int locate(struct source *s, struct error *err)
{
    if (s->name == NULL)
        return -1;
    count_position(s, s->at);
    return error_context(err, "%s:%llu:%llu", s->name, (unsigned long long)s->line + 1,
                         (unsigned long long)s->column + 1);
}

static bool is_ipv6(const char *at, const char *end)
{
    return *at == '[' || memchr(at, ':', (size_t)(end - at)) != NULL;
}

static enum item why_malformed(const char *at, const char *end)
{
    if (is_ipv6(at, end))
        return ITEM_MALFORMED_IPV6;
    return host_name_is_plain(at, (size_t)(end - at)) ? ITEM_HOST_NAME : ITEM_MALFORMED;
}

static int report_item(struct source *s, enum item item, struct error *err)
{
    char quote[QUOTE_SIZE];
    const char *end = item_end(s);
    if (item == ITEM_MALFORMED)
        item = why_malformed(s->at, end);
    error_set(err, "%s: %s (want %s)", item_errors[item].wrong, quote_text(quote, s->at, end),
              item_errors[item].want);
    return locate(s, err);
}

/* Comments */

static bool begins_comment(char c)
{
    return c == '#' || c == ';' || c == '/' || c == '-';
}

/* Is the comment at `at` rather the second half of an item, as in "10.0.0.0 /8"? To pass over it
 * would scan, or exclude, something else than what was meant. */
static bool is_torn_item(const char *at)
{
    uint32_t ignored;
    uint128 ignored_ipv6;
    char sign = *at++;
    while (*at == ' ' || *at == '\t')
        at++;
    if (sign == '-' && scan_ipv6(at, &ignored_ipv6) != NULL)
        at = scan_ipv6(at, &ignored_ipv6);
    else if (sign == '-')
        at = scan_ipv4(at, &ignored);
    else if (sign == '/')
        at = scan_digits(at, &ignored);
    else
        return false;
    return at != NULL && kind_of(*at) != ORDINARY;
}

static int report_torn_item(struct source *s, struct error *err)
{
    char quote[QUOTE_SIZE];
    const char *end = s->at;
    while (end < s->end && kind_of(*end) != LINE_END)
        end++;
    error_set(err,
              "range or CIDR block torn by a space: %s (want no space before or behind \"%c\")",
              quote_text(quote, s->at, end), *s->at);
    return locate(s, err);
}

static int skip_comment(struct source *s, struct error *err)
{
    for (;;) {
        while (s->at < s->end && kind_of(*s->at) != LINE_END)
            s->at++;
        if (s->at < s->end || s->complete)
            return 0;
        if (slide_window(s, err) < 0)
            return -1;
    }
}

/* Lists */

/* Returns whether a line ended on the way. */
static inline bool skip_separators(struct source *s)
{
    bool line_ended = false;
    enum byte_kind kind;
    while ((kind = kind_of(*s->at)) == BLANK || kind == LINE_END) {
        line_ended |= kind == LINE_END;
        s->at++;
    }
    return line_ended;
}

/* Adds a range but for what stands for IPv4 in it. */
static int add_range_ipv6(struct range6_set *set, struct range6 range, struct error *err)
{
    const struct range6 v4 = address_range_v4((struct range){0, UINT32_MAX});
    uint128 before = range.last < v4.first ? range.last : v4.first - 1;
    uint128 behind = range.first > v4.last ? range.first : v4.last + 1;
    if (range.first <= before && range6_set_add(set, range.first, before, err) < 0)
        return -1;
    return behind <= range.last ? range6_set_add(set, behind, range.last, err) : 0;
}

/* Has the set the interface of the item? It has the one of its first item that names one. */
static bool share_zone(struct address_set *set, const struct ipv6_item *item)
{
    if (item->zone == NULL)
        return true;
    if (set->zone[0] == '\0')
        memcpy(set->zone, item->zone, item->zone_length);
    return strncmp(set->zone, item->zone, item->zone_length) == 0 &&
           set->zone[item->zone_length] == '\0';
}

static int read_item_ipv6(struct source *s, struct address_set *set, struct error *err)
{
    struct ipv6_item item = {0};
    const char *at = s->at;
    enum item fine = scan_item_ipv6(&at, &item);
    if (fine == ITEM_FINE && !share_zone(set, &item))
        fine = ITEM_OTHER_ZONE;
    if (fine != ITEM_FINE)
        return report_item(s, fine, err);
    s->at = at;
    return add_range_ipv6(&set->v6, item.range, err);
}

/* 1: it is no name, or none is wanted. */
static int read_name(struct source *s, struct address_set *set, struct error *err)
{
    if (set->names == NULL)
        return 1;
    const char *end = item_end(s);
    size_t length = (size_t)(end - s->at);
    if (is_ipv6(s->at, end) || !host_name_is_plain(s->at, length))
        return 1;
    if (name_list_add(set->names, s->at, length, err) < 0)
        return -1;
    s->at = end;
    return 0;
}

/* Most lists have IPv4 addresses. */
static inline int read_item(struct source *s, struct address_set *set, struct error *err)
{
    struct range range;
    enum item fine = scan_item(&s->at, &range);
    if (fine == ITEM_MALFORMED) {
        int name = read_name(s, set, err);
        return name == 1 ? read_item_ipv6(s, set, err) : name;
    }
    if (fine != ITEM_FINE)
        return report_item(s, fine, err);
    return range_set_add(&set->v4, range.first, range.last, err);
}

static int read_items(struct source *s, struct address_set *set, struct error *err)
{
    bool follows_item = false; /* on the same line */
    for (;;) {
        if (skip_separators(s))
            follows_item = false;
        if (s->at == s->end && s->complete)
            return 0;
        if (look_ahead(s, err) < 0)
            return -1;
        if (kind_of(*s->at) == BLANK || kind_of(*s->at) == LINE_END || s->at == s->end)
            continue; /* the window ended between items */
        if (s->name != NULL && begins_comment(*s->at)) {
            if (follows_item && is_torn_item(s->at))
                return report_torn_item(s, err);
            if (skip_comment(s, err) < 0)
                return -1;
            continue;
        }
        if (read_item(s, set, err) < 0)
            return -1;
        follows_item = true;
    }
}

int target_parse_addresses(struct address_set *set, const char *text, struct error *err)
{
    struct source s = {.at = text, .end = text + strlen(text), .complete = true};
    skip_separators(&s);
    if (s.at == s.end)
        return error_set(err, "no address given (want " WANT_ITEM ")");
    return read_items(&s, set, err);
}

/* Editors on Windows put the bytes EF BB BF in front of UTF-8 text. */
static void drop_byte_order_mark(struct source *s)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t length = sizeof mark - 1, have = (size_t)(s->end - s->at);
    if (have < length || memcmp(s->window, mark, length) != 0)
        return;
    memmove(s->window, s->window + length, have - length + 1);
    s->end -= length;
}

static int load_list(int fd, const char *name, struct address_set *set, struct error *err)
{
    struct source s = {.name = name, .fd = fd, .window = malloc(WINDOW_SIZE + 1)};
    if (s.window == NULL)
        return error_set(err, "out of memory to read the address list %s", name);
    int result = fill_window(&s, 0, err);
    if (result == 0) {
        drop_byte_order_mark(&s);
        result = read_items(&s, set, err);
    }
    free(s.window);
    return result;
}

/* The end of a very long path, so that the rest of a message keeps its room. */
static const char *shown_name(const char *path)
{
    size_t length = strlen(path);
    return length > LONGEST_NAME_SHOWN ? path + length - LONGEST_NAME_SHOWN : path;
}

int target_load_addresses(struct address_set *set, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return load_list(STDIN_FILENO, "standard input", set, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_sys(err, errno, "cannot open the address list %s", shown_name(path));
    int result = load_list(fd, shown_name(path), set, err);
    close(fd);
    return result;
}
