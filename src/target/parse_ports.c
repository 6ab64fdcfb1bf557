/* Port text: "80,20-25,U:53,O:-5,I:0". */
#include <stdio.h>
#include <string.h>

#include "base/port.h"
#include "target/parse.h"
#include "target/port_class.h"
#include "target/quote.h"

struct port_reader {
    const char *text; /* the whole, for positions */
    const char *at;
    enum port_class class;
};

/* Far above every port, and far from overflow. */
enum { NUMBER_LIMIT = 1000000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct port_reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

/* `wrong` completes "bad port list, character 3: ";443" ..." */
static int report(const struct port_reader *r, const char *at, const char *wrong, struct error *err)
{
    char quote[QUOTE_SIZE];
    const char *end = at + strcspn(at, ", \t\r\n");
    if (end == at && *end != '\0')
        end++;
    return error_set(err, "bad port list, character %zu: %s %s", (size_t)(at - r->text) + 1,
                     *at == '\0' ? "the end" : quote_text(quote, at, end), wrong);
}

/* "U:" and the like; the class then holds until the next one. */
static int read_prefix(struct port_reader *r, struct error *err)
{
    if (*r->at == '\0' || r->at[1] != ':')
        return 0;
    int class = port_class_of_prefix(*r->at);
    if (class < 0)
        return report(r, r->at, "has an unknown prefix (want T: U: S: I: O: or A:)", err);
    r->class = (enum port_class) class;
    r->at += 2;
    skip_blanks(r);
    return 0;
}

static uint32_t read_number(struct port_reader *r)
{
    uint32_t number = 0;
    for (; is_digit(*r->at); r->at++) {
        if (number < NUMBER_LIMIT)
            number = number * 10 + (uint32_t)(*r->at - '0');
    }
    return number;
}

static int report_beyond(const struct port_reader *r, const char *at, struct error *err)
{
    char wrong[64];
    const struct port_class_text *class = &port_class_texts[r->class];
    snprintf(wrong, sizeof wrong, "is beyond the last %s (want 0 to %u)", class->noun,
             class->maximum);
    return report(r, at, wrong, err);
}

/* `N`, `N-M`, `N-`, `-M` or `-`. */
static int read_range(struct port_reader *r, struct range *range, struct error *err)
{
    const char *begin = r->at;
    const uint32_t maximum = port_class_texts[r->class].maximum;
    bool has_first = is_digit(*r->at);
    range->first = has_first ? read_number(r) : 1;
    range->last = range->first;
    if (*r->at == '-') {
        r->at++;
        range->last = is_digit(*r->at) ? read_number(r) : maximum;
    } else if (!has_first) {
        return report(r, begin, "is not a port (want a list such as 80,20-25,U:53)", err);
    }
    if (range->first > maximum || range->last > maximum)
        return report_beyond(r, begin, err);
    if (range->first > range->last)
        return report(r, begin, "ends before it begins (want the lower number first)", err);
    return 0;
}

static int read_item(struct port_reader *r, struct range_set *set, struct error *err)
{
    struct range range;
    if (read_prefix(r, err) < 0 || read_range(r, &range, err) < 0)
        return -1;
    skip_blanks(r);
    if (*r->at != ',' && *r->at != '\0')
        return report(r, r->at, "follows a port (want a comma, as in 80,20-25,U:53)", err);
    return range_set_add(set, port_code(r->class, range.first), port_code(r->class, range.last),
                         err);
}

int target_parse_ports(struct range_set *set, const char *text, int initial, struct error *err)
{
    struct port_reader r = {.text = text, .at = text, .class = (enum port_class)initial};
    bool is_empty = true;
    for (;;) {
        r.at += strspn(r.at, ", \t\r\n");
        if (*r.at == '\0')
            break;
        if (read_item(&r, set, err) < 0)
            return -1;
        is_empty = false;
    }
    if (is_empty)
        return report(&r, r.at, "came before any port (want a list such as 80,20-25,U:53)", err);
    return 0;
}
