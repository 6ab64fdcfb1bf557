/* The names that a certificate is for, as one text. */
#ifndef TLS_NAMES_H
#define TLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "base/buffer.h"

enum {
    TLS_NAMES_MAX = 1536, /* of the text */
    TLS_NAME_MAX = 768,   /* of one name in it; longer ones are left out */
};

struct tls_names {
    struct buffer text; /* "www.example.com, example.com" */
    uint32_t left_out;  /* names that found no room */
    bool is_full;       /* one did not fit behind the others: so none of the next is added */
};

/* Owns memory from tls_names_read on, until tls_names_fini. */
void tls_names_init(struct tls_names *names);
void tls_names_fini(struct tls_names *names);

/* Adds the subject's common names and the alternative names that are DNS names or addresses of a
 * certificate (DER), each once. What is no certificate has none. `library` parses it. */
void tls_names_read(struct tls_names *names, const uint8_t *der, size_t length,
                    OSSL_LIB_CTX *library);

#endif
