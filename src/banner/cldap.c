/* LDAP over UDP: the root entry of a domain controller ([MS-ADTS] 3.1.1.3.1.11), of one message. */
#include "banner/ber.h"
#include "banner/datagrams.h"
#include "banner/ldap.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    struct reader message = ber_element(datagram, BER_SEQUENCE);
    (void)ber_integer(&message);
    ldap_read_operation(&message, &text);
    return datagram_tell(talk, APP_LDAP, &text);
}

const struct datagram_ops datagram_cldap = {
    .name = "cldap",
    .source = "RFC 4511, [MS-ADTS]",
    .app = APP_LDAP,
    .ports = {389},
    .only_if_asked = true,
    .understand = understand,
};
