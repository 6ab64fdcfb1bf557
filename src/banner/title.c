/* The title of a page as clean UTF-8 (WHATWG HTML, 13.2.5 "Tokenization"; Encoding Standard). */
#include "banner/title.h"

#include <string.h>

#include "banner/text.h"
#include "base/reader.h"
#include "base/utf8.h"

enum { REPLACEMENT = 0xfffd, REFERENCE_MAX = 10 };

enum { NOTHING = UTF8_NOTHING, UNFINISHED = UTF8_UNFINISHED };

/* windows-1252, 0x80 to 0x9f; a hole is a control character. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static uint32_t from_windows_1252(uint8_t byte)
{
    return byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
}

enum title_charset title_charset_of(const uint8_t *text, size_t length,
                                    enum title_charset otherwise)
{
    static const struct {
        const char *name;
        enum title_charset charset;
    } names[] = {{"utf-8", TITLE_UTF8},
                 {"utf8", TITLE_UTF8},
                 {"iso-8859-1", TITLE_WINDOWS_1252},
                 {"iso8859-1", TITLE_WINDOWS_1252},
                 {"latin1", TITLE_WINDOWS_1252},
                 {"windows-1252", TITLE_WINDOWS_1252},
                 {"cp1252", TITLE_WINDOWS_1252},
                 {"us-ascii", TITLE_WINDOWS_1252}};
    static const char key[] = "charset=";
    size_t at = 0;
    while (at < length && !text_begins(text + at, length - at, key))
        at++;
    if (at >= length)
        return otherwise;
    at += sizeof key - 1;
    while (at < length && (text[at] == '"' || text[at] == '\'' || text[at] == ' '))
        at++;
    size_t end = at;
    while (end < length && !strchr("\"'; />", text[end]))
        end++;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(text + at, end - at, names[i].name))
            return names[i].charset;
    return TITLE_OTHER;
}

/* A number of a reference: digits, or x and hexadecimal digits. */
static uint32_t parse_number(const uint8_t *digits, size_t length)
{
    unsigned base = length > 0 && (digits[0] | 0x20) == 'x' ? 16 : 10;
    uint32_t value = 0;
    for (size_t i = base == 16; i < length; i++) {
        unsigned lower = digits[i] | 0x20u;
        unsigned digit = digits[i] >= '0' && digits[i] <= '9' ? digits[i] - (unsigned)'0'
                         : lower >= 'a' && lower <= 'f'       ? lower - 'a' + 10
                                                              : base;
        if (digit >= base)
            return NOTHING;
        value = value * base + digit;
        if (value > 0x10ffff)
            return REPLACEMENT;
    }
    if (value >= 0xd800 && value < 0xe000)
        return REPLACEMENT;
    return value < 0x100 ? from_windows_1252((uint8_t)value) : value;
}

static uint32_t parse_reference(const uint8_t *name, size_t length)
{
    static const struct {
        const char *name;
        uint32_t character;
    } names[] = {{"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},
                 {"apos", '\''},    {"nbsp", ' '},     {"copy", 0xa9},    {"reg", 0xae},
                 {"trade", 0x2122}, {"middot", 0xb7},  {"bull", 0x2022},  {"laquo", 0xab},
                 {"raquo", 0xbb},   {"ndash", 0x2013}, {"mdash", 0x2014}, {"hellip", 0x2026},
                 {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c}, {"rdquo", 0x201d},
                 {"euro", 0x20ac},  {"auml", 0xe4},    {"ouml", 0xf6},    {"uuml", 0xfc},
                 {"szlig", 0xdf},   {"eacute", 0xe9},  {"egrave", 0xe8},  {"agrave", 0xe0}};
    if (length > 1 && name[0] == '#')
        return parse_number(name + 1, length - 1);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (length == strlen(names[i].name) && memcmp(name, names[i].name, length) == 0)
            return names[i].character;
    return NOTHING;
}

/* Behind '&': NOTHING, and nothing is read, if it is no reference that is known. */
static uint32_t read_reference(struct reader *reader)
{
    size_t left = reader_left(reader);
    size_t most = left < REFERENCE_MAX ? left : REFERENCE_MAX;
    const uint8_t *end = most ? memchr(reader->at, ';', most) : NULL;
    if (!end)
        return left < REFERENCE_MAX ? UNFINISHED : NOTHING;
    size_t length = (size_t)(end - reader->at);
    uint32_t character = parse_reference(reader->at, length);
    if (character != NOTHING)
        reader_skip(reader, length + 1);
    return character;
}

/* What stands for a byte that belongs to no character of UTF-8. */
static uint32_t lone_byte(uint8_t byte, enum title_charset charset)
{
    bool is_readable = charset == TITLE_UNDECLARED || charset == TITLE_WINDOWS_1252;
    return is_readable ? from_windows_1252(byte) : REPLACEMENT;
}

/* The next character, NOTHING for one to leave out. `is_over`: what is left cannot be told. */
static uint32_t read_character(struct reader *reader, enum title_charset charset, bool is_cut,
                               bool *is_over)
{
    uint8_t first = *reader->at;
    uint32_t character = NOTHING;
    if (first >= 0x80 && (charset == TITLE_UNDECLARED || charset == TITLE_UTF8))
        character = utf8_read(reader);
    else if (first == '&') {
        struct reader behind = {.at = reader->at + 1, .end = reader->end};
        character = read_reference(&behind);
        if (character != NOTHING && character != UNFINISHED)
            reader->at = behind.at;
    }
    if (character == UNFINISHED && is_cut) {
        *is_over = true;
        return NOTHING;
    }
    if (character != NOTHING && character != UNFINISHED)
        return character;
    reader_skip(reader, 1);
    return first < 0x80 ? first : lone_byte(first, charset);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff ||
           (c >= 0x200b && c <= 0x200f) || /* invisible, and marks of direction */
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

size_t title_decode(uint8_t text[TITLE_MAX], const uint8_t *raw, size_t length,
                    enum title_charset charset, bool is_cut)
{
    struct reader reader = reader_over(raw, length < TITLE_RAW_MAX ? length : TITLE_RAW_MAX);
    uint8_t *at = text;
    bool is_over = false, blank_is_due = false;
    while (reader_left(&reader) > 0 && !is_over) {
        uint32_t character = read_character(&reader, charset, is_cut, &is_over);
        if (is_blank(character)) {
            blank_is_due = true;
        } else if (!is_control(character)) {
            if (blank_is_due && at > text)
                *at++ = ' ';
            blank_is_due = false;
            at = utf8_write(at, character);
        }
    }
    return (size_t)(at - text);
}
