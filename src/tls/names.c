/* The names that a certificate is for. They are whatever somebody wrote into it: so that a name
 * cannot pass for two, or for another item of the `ssl` field, control characters and `,` `:` `%`
 * become %XX. */
#include "tls/names.h"

#include <string.h>
#include <strings.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/address.h"

static const char separator[] = ", ";
enum { SEPARATOR = sizeof separator - 1, ESCAPED = 3 };

void tls_names_init(struct tls_names *names)
{
    buffer_init(&names->text, TLS_NAMES_MAX);
    names->left_out = 0;
    names->is_full = false;
}

void tls_names_fini(struct tls_names *names)
{
    buffer_fini(&names->text);
}

static bool is_known(const struct buffer *text, const char *name, size_t length)
{
    const char *list = (const char *)text->bytes;
    for (size_t at = 0, here; at < text->length; at += here + SEPARATOR) {
        const char *behind = memmem(list + at, text->length - at, separator, SEPARATOR);
        here = behind ? (size_t)(behind - list) - at : text->length - at;
        if (here == length && strncasecmp(list + at, name, length) == 0)
            return true;
    }
    return false;
}

/* A name that is safe to stand in the list. */
static void add(struct tls_names *names, const char *name, size_t length)
{
    struct buffer *text = &names->text;
    size_t gap = text->length > 0 ? SEPARATOR : 0;
    if (!names->is_full && is_known(text, name, length))
        return;
    if (names->is_full || gap + length > TLS_NAMES_MAX - text->length) {
        names->is_full = true; /* so a list of thousands is not compared with itself */
        names->left_out++;
        return;
    }
    buffer_append(text, separator, gap);
    buffer_append(text, name, length);
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte != 0x7f && byte != ',' && byte != ':' && byte != '%';
}

static void add_escaped(struct tls_names *names, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char text[TLS_NAME_MAX];
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        if (at + ESCAPED > sizeof text) {
            names->left_out++;
            return;
        }
        if (is_plain(bytes[i])) {
            text[at++] = (char)bytes[i];
        } else {
            text[at++] = '%';
            text[at++] = digits[bytes[i] >> 4];
            text[at++] = digits[bytes[i] & 15];
        }
    }
    if (at > 0)
        add(names, text, at);
}

static void add_address(struct tls_names *names, const uint8_t *bytes, size_t length)
{
    struct ip_address address = {.version = length == 4 ? 4 : 6};
    char text[IP_TEXT_SIZE];
    if (length != 4 && length != 16)
        return;
    memcpy(address.bytes, bytes, length);
    ip_format(&address, text);
    add(names, text, strlen(text));
}

/* A common name may be an address, too, and has colons then if it is one of IPv6. */
static void add_common_name(struct tls_names *names, const ASN1_STRING *string)
{
    unsigned char *bytes = NULL;
    struct ip_address address;
    int length = ASN1_STRING_to_UTF8(&bytes, string); /* whatever its kind of string is */
    if (length < 0)
        return;
    if (ip_parse(&address, (const char *)bytes, (size_t)length))
        add_address(names, address.bytes, address.version == 4 ? 4 : 16);
    else
        add_escaped(names, bytes, (size_t)length);
    OPENSSL_free(bytes);
}

static void add_subject(struct tls_names *names, const X509_NAME *subject)
{
    int at = -1;
    while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0)
        add_common_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

static void add_alternative(struct tls_names *names, const GENERAL_NAME *name)
{
    int kind;
    const ASN1_STRING *string = GENERAL_NAME_get0_value(name, &kind);
    if (kind == GEN_DNS)
        add_escaped(names, ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
    else if (kind == GEN_IPADD)
        add_address(names, ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

static void add_alternatives(struct tls_names *names, const X509 *certificate)
{
    GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++)
        add_alternative(names, sk_GENERAL_NAME_value(list, i));
    GENERAL_NAMES_free(list);
}

void tls_names_read(struct tls_names *names, const uint8_t *der, size_t length,
                    OSSL_LIB_CTX *library)
{
    const unsigned char *at = der;
    X509 *certificate = X509_new_ex(library, NULL);
    if (!certificate)
        return;
    if (d2i_X509(&certificate, &at, (long)length)) { /* which frees it where it fails */
        add_subject(names, X509_get_subject_name(certificate));
        add_alternatives(names, certificate);
    }
    X509_free(certificate);
}
