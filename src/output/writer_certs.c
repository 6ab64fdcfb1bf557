/* The certs format: every X.509 certificate among the banners as a PEM block (RFC 7468), nothing
 * else.
 *
 * Such a banner is the certificate in base64, with "cert:" in front in the files of some versions
 * of the existing tool. What is no base64 in it is left out, so that the block stays one. */
#include "base/every_byte.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

#define BEGIN  "-----BEGIN CERTIFICATE-----"
#define END    "-----END CERTIFICATE-----"
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
#define PREFIX "cert:"

enum { LINE_WIDTH = 64 };

#define IS_BASE64(n)                                                                               \
    (((n) >= 'A' && (n) <= 'Z') || ((n) >= 'a' && (n) <= 'z') || ((n) >= '0' && (n) <= '9') ||     \
     (n) == '+' || (n) == '/' || (n) == '=')

static const bool is_base64[256] = {EVERY_BYTE(IS_BASE64)};

/* A file with nothing but base64 in it fits the lines of a block, too: how it begins decides. */
static int check_beginning(const struct earlier_file *file, struct error *err)
{
    char text[sizeof BEGIN - 1];
    size_t length = file->size < sizeof text ? (size_t)file->size : sizeof text;
    int result = file->read(file->context, 0, text, length, err);
    if (result < 0 || memcmp(text, BEGIN, length) == 0)
        return result;
    return error_set(err,
                     "it does not begin with \"" BEGIN "\" as a file of the format certs does; "
                     "append in the format the file has, or name another file");
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    /* All but the last line of a block is of no use without it. */
    static const struct line_form forms[] = {
        {LINE_RECORD, END, NULL},
        {LINE_TRAILER, BEGIN, NULL},
        {LINE_TRAILER, "", "", .alphabet = BASE64},
    };
    static const struct text_layout layout = {"certs", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    int result = check_beginning(file, err);
    return result < 0 ? result : text_resume_offset(&layout, file, end, err);
}

static bool is_certificate(const struct result *result)
{
    return result->kind == RESULT_BANNER && (result->app == APP_X509 || result->app == APP_X509_CA);
}

/* The base64 of `bytes` in full lines and a last one. Returns `at` if there is none. */
static char *put_lines(char *at, const uint8_t *bytes, size_t length)
{
    unsigned column = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_base64[bytes[i]])
            continue;
        if (column == LINE_WIDTH) {
            *at++ = '\n';
            column = 0;
        }
        *at++ = (char)bytes[i];
        column++;
    }
    if (column > 0)
        *at++ = '\n';
    return at;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    if (!is_certificate(result))
        return;
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    const uint8_t *bytes = result->banner;
    size_t length = result->banner_length, prefix = strlen(PREFIX);
    if (length >= prefix && memcmp(bytes, PREFIX, prefix) == 0) {
        bytes += prefix;
        length -= prefix;
    }
    char *body = PUT(at, BEGIN "\n");
    at = put_lines(body, bytes, length);
    if (at > body)
        record_commit(out, PUT(at, END "\n"));
}

const struct writer_ops writer_certs = {
    .name = "certs",
    .aliases = "cert",
    .help = "the X.509 certificates among the banners, as PEM",
    .resume = resume,
    .record = record,
};
