/* The table of our own UDP requests.
 *
 * Each asks for what is answered without a login, changes nothing at the far end, and is the
 * smallest that brings an answer with something to tell: replies go to whoever the source address
 * belongs to. Port 443 gets DTLS, as the existing tool does it: QUIC, which lives there too, cannot
 * be asked by the same datagram (RFC 9443 tells them apart by the first byte). */
#include "probe/udp_payload.h"

#define BYTES(array)    .bytes = (array), .length = sizeof(array)
#define TEXT(array)     .bytes = (const uint8_t *)(array), .length = sizeof(array) - 1
#define NUL_TEXT(array) .bytes = (const uint8_t *)(array), .length = sizeof(array)

#define ZEROS_4  0, 0, 0, 0
#define ZEROS_8  ZEROS_4, ZEROS_4
#define ZEROS_16 ZEROS_8, ZEROS_8

/* Where the digits of an id come. */
#define HEX_ID "\0\0\0\0\0\0\0\0"

/* Four bytes that come back, and a line. */
static const uint8_t echo[] = {ZEROS_4, 'm', 'a', 's', 's', 'c', 'a', 'n', '\r', '\n'};

/* Any datagram will do. */
static const char any_datagram[] = "\r\n";

/* "version.bind", class CHAOS, type TXT: name servers tell what they are. */
static const uint8_t dns_version[] = {
    0, 0,                               /* id */
    1, 0,                               /* a query, recursion desired */
    0, 1,   0,   0,   0,   0,   0,   0, /* one question */
    7, 'v', 'e', 'r', 's', 'i', 'o', 'n', 4, 'b', 'i', 'n', 'd', 0, 0, 16, 0, 3, /* TXT, CH */
};

/* Which kinds of service there are; the answer shall come to us alone. */
static const uint8_t mdns_services[] = {
    0,   0,   0,   0,   0,   1,   0,   0,    0,   0,   0,   0,   /* id, a query, one question */
    9,   '_', 's', 'e', 'r', 'v', 'i', 'c',  'e', 's', 7,   '_', /* */
    'd', 'n', 's', '-', 's', 'd', 4,   '_',  'u', 'd', 'p', 5,   'l', /* */
    'o', 'c', 'a', 'l', 0,   0,   12,  0x80, 1,                       /* PTR, IN, unicast */
};

/* A read request, for a file that is hardly there: the server says so, or sends it. */
static const char tftp_read[] = "\0\1masscan\0octet";

/* A call of SUN RPC without credentials. */
#define RPC_CALL(program, version, procedure)                                                      \
    {                                                                                              \
        ZEROS_4, /* xid */ 0, 0, 0, 0, 0, 0, 0, 2, 0, (program) >> 16, (program) >> 8 & 0xff,      \
            (program)&0xff, 0, 0, 0, version, 0, 0, 0, procedure, ZEROS_16                         \
    }

/* All programs that are registered. */
static const uint8_t rpcbind_dump[] = RPC_CALL(100000, 2, 4);

/* A version that does not exist: the server says which ones do. */
static const uint8_t nfs_version[] = RPC_CALL(100003, 0, 0);

/* A client's request; the transmit timestamp comes back as the originate timestamp. */
static const uint8_t ntp_client[48] = {0x23}; /* version 4, mode 3 */

/* The name "*" in the first-level encoding of RFC 1001, 14.1: half a byte a letter. */
#define NETBIOS_ANY                                                                                \
    32, 'C', 'K', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A',  \
        'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 0

/* The status of a node: its names. */
static const uint8_t netbios_status[] = {
    0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, NETBIOS_ANY, 0, 0x21, 0, 1, /* NBSTAT, IN */
};

/* A datagram query request. */
static const uint8_t netbios_datagram[] = {
    0x14, 0, 0, 0, ZEROS_4, 0, 138, NETBIOS_ANY, /* type, flags, id, source, port, name */
};

/* An id in BER: an INTEGER of four bytes whose upper half is ours, so that it is never written
 * shorter; lengths in front of it vary. */
#define BER_ID     2, 4, 'M', 'S', 0, 0
#define BER_MARKER "\2\4MS"

/* A GetRequest of version 1 in the community "public" for sysDescr.0 and sysName.0. */
static const uint8_t snmp_system[] = {
    0x30, 55, 2,      1,    0,  4, 6,  'p', 'u', 'b', 'l', 'i', 'c', /* version, community */
    0xa0, 42, BER_ID, 2,    1,  0, 2,  1,   0,                       /* GetRequest */
    0x30, 28, 0x30,   12,   6,  8, 43, 6,   1,   2,   1,   1,   1,   /* */
    0,    5,  0,      0x30, 12, 6, 8,  43,  6,   1,   2,   1,   1,   5, 0, 5, 0,
};
_Static_assert(sizeof snmp_system == 2 + 55, "as its length says");

/* A search of the root entry, as that of the LDAP banner, over UDP. */
static const uint8_t cldap_root[] =
    "\x30\x57\x02\x04MS\0\0\x63\x4f\x04\0\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0"
    "\x87\x0bobjectClass\x30\x2f\x04\x0a"
    "vendorName\x04\x0b"
    "dnsHostName\x04\x14"
    "defaultNamingContext";
_Static_assert(sizeof cldap_root - 1 == 2 + 0x57, "as its length says");

/* The service agent of any scope DEFAULT. */
static const uint8_t slp_agent[] =
    "\2\1\0\0\x36\0\0\0\0\0\0\0\0\2en\0\0\0\x15service:service-agent\0\7DEFAULT\0\0\0";
_Static_assert(sizeof slp_agent == 0x36, "as its length says");

/* A ClientHello of DTLS 1.2 in a record of 1.0, with the suites that servers of the last decade
 * have. Servers answer with a cookie first, or with theirs at once. */
static const uint8_t dtls_hello[] = {
    0x16, 0xfe, 0xff, 0,    0,    0,    0,    0,    0,    0,    0,    0,    123, /* a handshake, the
                                                                                    first record */
    1,    0,    0,    111,  0,    0,    0,    0,    0,    0,    0,    111, /* ClientHello, whole */
    0xfe, 0xfd, 'm',  'a',  's',  's',  'c',  'a',  'n',  ' ', /* DTLS 1.2; what looks like random
                                                                */
    0x5b, 0x21, 0xc4, 0x7e, 0x93, 0x0d, 0xa8, 0x66, 0x1f, 0xe2, 0x4c, 0xb9, 0x37, 0x80,
    0xd5, 0x0a, 0x6e, 0xf1, 0x28, 0x9c, 0x43, 0xbb, 0x72, 0x15, 0,    0, /* no session, no cookie */
    0,    24,   0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30,          /* ECDHE with AES-GCM */
    0xc0, 0x0a, 0xc0, 0x14, 0xc0, 0x09, 0xc0, 0x13,                      /* ECDHE with AES-CBC */
    0x00, 0x9c, 0x00, 0x2f, 0xc0, 0xa8, 0xc0, 0xae,                      /* RSA; CCM_8, of CoAP */
    1,    0,    0,    45,   0,    0x0a, 0,    8,    0,    6,    0,    0x1d, 0,    0x17,
    0,    0x18,                      /* groups */
    0,    0x0b, 0,    2,    1,    0, /* point formats */
    0,    0x0d, 0,    14,   0,    12,   4,    3,    8,    4,    4,    1,    5,    3,
    5,    1,    2,    1,                               /* signatures */
    0,    0x17, 0,    0,    0xff, 1,    0,    1,    0, /* extended master secret, renegotiation info
                                                        */
};
_Static_assert(sizeof dtls_hello == 13 + 123, "as its length says");

/* Transforms of IKE version 1: encryption, hash, authentication, group, seconds. */
#define IKE1_REST(hash, method, group)                                                             \
    0x80, 2, 0, hash, 0x80, 3, 0, method, 0x80, 4, 0, group, 0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80
#define IKE1_AES(next, number, bits_high, bits_low, hash, method, group)                           \
    next, 0, 0, 36, number, 1, 0, 0, 0x80, 1, 0, 7, 0x80, 14, bits_high, bits_low,                 \
        IKE1_REST(hash, method, group)
#define IKE1_3DES(next, number, hash, method, group)                                               \
    next, 0, 0, 32, number, 1, 0, 0, 0x80, 1, 0, 5, IKE1_REST(hash, method, group)

/* Main mode: proposals of all ages, and vendor ids, to which servers answer with theirs. */
static const uint8_t ike1_main[] = {
    ZEROS_4,
    'm',
    'a',
    's',
    's',
    ZEROS_8,
    1,
    0x10,
    2,
    0,
    ZEROS_4,
    0,
    0,
    0,
    228, /* header */
    13,
    0,
    0,
    160,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    1, /* SA, IPsec */
    0,
    0,
    0,
    148,
    1,
    1,
    0,
    4, /* proposal */
    IKE1_AES(3, 1, 1, 0, 4, 1, 14),
    IKE1_AES(3, 2, 0, 128, 2, 1, 2), /* shared secret */
    IKE1_AES(3, 3, 1, 0, 2, 3, 14),
    IKE1_3DES(0, 4, 2, 1, 2), /* RSA; old */
    13,
    0,
    0,
    20,
    0xaf,
    0xca,
    0xd7,
    0x13,
    0x68,
    0xa1,
    0xf1,
    0xc9, /* dead peers */
    0x6b,
    0x86,
    0x96,
    0xfc,
    0x77,
    0x57,
    1,
    0, /* */
    0,
    0,
    0,
    20,
    0x4a,
    0x13,
    0x1c,
    0x81,
    0x07,
    0x03,
    0x58,
    0x45, /* NAT traversal */
    0x5c,
    0x57,
    0x28,
    0xf2,
    0x0e,
    0x95,
    0x45,
    0x2f,
};
_Static_assert(sizeof ike1_main == 228, "as its length says");

/* IKE_SA_INIT of version 2, behind the marker that tells it from ESP; the key exchange is that of
 * group 31, with the base point as public value. */
static const uint8_t ike2_init[] =
    {
        ZEROS_4, ZEROS_4, 'm',  'a',     's',     's',     ZEROS_8,  33,
        0x20,    34,      8,    ZEROS_4, 0,       0,       0,        172, /* */
        34,      0,       0,    84,      0,       0,       0,        80,
        1,       1,       0,    8, /* SA: a proposal */
        3,       0,       0,    12,      1,       0,       0,        12,
        0x80,    14,      1,    0, /* AES-CBC 256 */
        3,       0,       0,    12,      1,       0,       0,        12,
        0x80,    14,      0,    128, /* AES-CBC 128 */
        3,       0,       0,    8,       2,       0,       0,        5,
        3,       0,       0,    8,       2,       0,       0,        2, /* PRF: SHA-2, SHA-1 */
        3,       0,       0,    8,       3,       0,       0,        12,
        3,       0,       0,    8,       3,       0,       0,        2, /* integrity: the same */
        3,       0,       0,    8,       4,       0,       0,        31,
        0,       0,       0,    8,       4,       0,       0,        14, /* groups */
        40,      0,       0,    40,      0,       31,      0,        0,
        9,       0,       0,    0,       ZEROS_4, ZEROS_8, ZEROS_16, /* key exchange */
        0,       0,       0,    20,      0x5b,    0x21,    0xc4,     0x7e,
        0x93,    0x0d,    0xa8, 0x66, /* nonce */
        0x1f,    0xe2,    0x4c, 0xb9,    0x37,    0x80,    0xd5,     0x0a,
};
_Static_assert(sizeof ike2_init == 4 + 172, "as its length says");

/* The whole table of routes. */
static const uint8_t rip_request[] = {1, 2, 0, 0, ZEROS_16, 0, 0, 0, 16};

/* Get Channel Authentication Capabilities, outside of a session. */
static const uint8_t ipmi_capabilities[] = {6,    0,    0xff, 7, ZEROS_4, ZEROS_4, 0, 9,   0x20,
                                            0x18, 0xc8, 0x81, 0, 0x38,    0x8e,    4, 0xb5};

/* P_CONTROL_HARD_RESET_CLIENT_V2 with a session id, which the server's reset acknowledges. */
static const uint8_t openvpn_reset[] = {0x38, ZEROS_4, 'm', 'a', 's', 's', 0, ZEROS_4};

/* CLNT_UCAST_EX: which instances there are. */
static const uint8_t mssql_browser[] = {3};

/* Access-Request: a name and a password that nobody has; servers that do not know us are silent. */
static const uint8_t radius_access[] = {
    1,    0,    0,    56,   0x5b, 0x21, 0xc4, 0x7e, 0x93, 0x0d, 0xa8, 0x66, 0x1f, 0xe2, 0x4c,
    0xb9, 0x37, 0x80, 0xd5, 0x0a, 1,    9,    'm',  'a',  's',  's',  'c',  'a',  'n',  /* user */
    2,    18,   0x6e, 0xf1, 0x28, 0x9c, 0x43, 0xbb, 0x72, 0x15, 0x88, 0x3a, 0xe0, 0x57, /* password
                                                                                         */
    0xcd, 0x96, 0x02, 0xb4, 32,   9,    'm',  'a',  's',  's',  'c',  'a',  'n',        /* NAS */
};
_Static_assert(sizeof radius_access == 56, "as its length says");

/* Status-Server. */
static const uint8_t radius_status[] = {
    12,   0,    0,    38,   0x5b, 0x21, 0xc4, 0x7e, 0x93, 0x0d, 0xa8,     0x66,
    0x1f, 0xe2, 0x4c, 0xb9, 0x37, 0x80, 0xd5, 0x0a, 80,   18,   ZEROS_16, /* a Message-Authenticator
                                                                           */
};

/* Start-Control-Connection-Request; replies bear the tunnel id that is assigned here. */
static const uint8_t l2tp_start[] = {
    0xc8, 2,  0, 59, 0, 0, 0,   0,   0,    0,   0,   0,                 /* a control message */
    0x80, 8,  0, 0,  0, 0, 0,   1,   0x80, 8,   0,   0,   0,   2, 1, 0, /* SCCRQ, version 1.0 */
    0x80, 10, 0, 0,  0, 3, 0,   0,   0,    3,                           /* framing */
    0x80, 8,  0, 0,  0, 9, 0,   0,                                      /* assigned tunnel id */
    0x80, 13, 0, 0,  0, 7, 'm', 'a', 's',  's', 'c', 'a', 'n',
};
_Static_assert(sizeof l2tp_start == 59, "as its length says");

static const uint8_t gtp_echo[] = {0x32, 1, 0, 4, ZEROS_4, 0, 0, 0, 0};

static const char ssdp_search[] = "M-SEARCH * HTTP/1.1\r\n"
                                  "HOST: 239.255.255.250:1900\r\n"
                                  "MAN: \"ssdp:discover\"\r\n"
                                  "MX: 1\r\n"
                                  "ST: upnp:rootdevice\r\n\r\n";

/* A binding request: under which address are we seen? */
static const uint8_t stun_binding[] = {0,   1,   0,   0,   0x21, 0x12, 0xa4, 0x42, ZEROS_4,
                                       'm', 'a', 's', 's', 'c',  'a',  'n',  '!'};

/* Any device, whatever it is. */
static const char ws_discovery[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    "<a:MessageID>urn:uuid:" HEX_ID "-6361-4e00-8000-000000000001</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
    "<s:Body><d:Probe/></s:Body></s:Envelope>";

/* The branch of every transaction begins so (RFC 3261, 8.1.1.7). */
#define SIP_BRANCH "z9hG4bK"

/* The addresses are of names that nobody has (RFC 2606); replies come to where we are (RFC 3581).
 */
static const char sip_options[] =
    "OPTIONS sip:masscan.invalid SIP/2.0\r\n"
    "Via: SIP/2.0/UDP masscan.invalid;branch=" SIP_BRANCH HEX_ID ";rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:masscan@masscan.invalid>;tag=1\r\n"
    "To: <sip:masscan@masscan.invalid>\r\n"
    "Call-ID: 1@masscan.invalid\r\n"
    "CSeq: 1 OPTIONS\r\n"
    "Contact: <sip:masscan@masscan.invalid>\r\n"
    "Accept: application/sdp\r\n"
    "Content-Length: 0\r\n\r\n";

/* The external address. */
static const uint8_t nat_pmp_address[] = {0, 0};

/* GET /.well-known/core, to be acknowledged. */
static const uint8_t coap_core[] = {0x40, 1,   0,   0,   0xbb, '.', 'w', 'e', 'l', 'l', '-',
                                    'k',  'n', 'o', 'w', 'n',  4,   'c', 'o', 'r', 'e'};

/* An Initial packet of a version that is reserved to be unknown, as long as servers demand; the
 * answer lists the versions that they know, and bears our connection id. */
static const uint8_t quic_unknown_version[1200] = {
    0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 'm', 'a', 's', 's', 'c', 'a', 'n', '!', 8, ZEROS_8,
};

static const uint8_t ubiquiti_discovery[] = {1, 0, 0, 0};

/* ListIdentity. */
static const uint8_t enip_identity[24] = {0x63};

/* ReadProperty of vendor-name (121) of whatever device is there (instance 4194303). */
static const uint8_t bacnet_vendor[] = {0x81, 0x0a, 0, 17,   1,    4,    0,    5,  0,
                                        0x0c, 0x0c, 2, 0x3f, 0xff, 0xff, 0x19, 121};
_Static_assert(sizeof bacnet_vendor == 17, "as its length says");

/* Behind the header of UDP frames: the first of one. */
static const uint8_t memcached_version[] = {0,   0,   0,   0,   0,   1,   0,    0,   'v',
                                            'e', 'r', 's', 'i', 'o', 'n', '\r', '\n'};

/* An unconnected ping. */
static const uint8_t raknet_ping[] = {1,    ZEROS_4, 0,    0,    0,    1,    0,    0xff, 0xff, 0,
                                      0xfe, 0xfe,    0xfe, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34,
                                      0x56, 0x78,    'm',  'a',  's',  's',  'c',  'a',  'n',  '!'};

static const char source_info[] = "\xff\xff\xff\xffTSource Engine Query";
static const char quake_status[] = "\xff\xff\xff\xffgetstatus masscan\n";
static const uint8_t xdmcp_query[] = {0, 1, 0, 2, 0, 1, 0};
static const uint8_t mumble_ping[] = {ZEROS_4, ZEROS_4, 'm', 'a', 's', 's'};

const struct udp_request udp_request_table[] = {
    {"echo", "RFC 862", {7}, {BYTES(echo), {.width = 4}}},
    {"daytime, qotd, chargen, time",
     "RFC 867, 865, 864, 868",
     {13, 17, 19, 37},
     {TEXT(any_datagram)}},
    {"dns", "RFC 1035, RFC 4892", {53}, {BYTES(dns_version), {.width = 2}}},
    {"tftp", "RFC 1350", {69}, {NUL_TEXT(tftp_read)}},
    {"quic",
     "RFC 8999, RFC 9000",
     {80, 784, 853, 8443},
     {BYTES(quic_unknown_version), {.width = 4, .at = 15, .reply_at = 6}}},
    {"rpcbind", "RFC 1833, RFC 5531", {111}, {BYTES(rpcbind_dump), {.width = 4}}},
    {"ntp", "RFC 5905", {123}, {BYTES(ntp_client), {.width = 4, .at = 40, .reply_at = 24}}},
    {"nbstat", "RFC 1002, 4.2.17", {137}, {BYTES(netbios_status), {.width = 2}}},
    {"netbios datagram", "RFC 1002, 4.4.4", {138}, {BYTES(netbios_datagram)}},
    {"snmp",
     "RFC 1157, RFC 1213",
     {161, 1161},
     {BYTES(snmp_system), {.width = 2, .at = 19, .marker = BER_MARKER}}},
    {"xdmcp", "X Display Manager Control Protocol", {177}, {BYTES(xdmcp_query)}},
    {"cldap",
     "RFC 4511, [MS-ADTS] 3.1.1.3.1.11",
     {389},
     {TEXT(cldap_root), {.width = 2, .at = 6, .marker = BER_MARKER}}},
    {"slp", "RFC 2608", {427}, {BYTES(slp_agent), {.width = 2, .at = 10, .reply_at = 10}}},
    {"dtls", "RFC 6347", {443, 3391, 4433, 4740, 5349, 5684, 10161}, {BYTES(dtls_hello)}},
    {"isakmp", "RFC 2408, RFC 2409, RFC 3706, RFC 3947", {500}, {BYTES(ike1_main), {.width = 4}}},
    {"isakmp",
     "RFC 7296, RFC 3948, RFC 8031",
     {4500},
     {BYTES(ike2_init), {.width = 4, .at = 4, .reply_at = 4}}},
    {"rip", "RFC 2453, 3.9.1", {520}, {BYTES(rip_request)}},
    {"ipmi", "IPMI 2.0, 13.6 and 22.13", {623}, {BYTES(ipmi_capabilities)}},
    {"openvpn",
     "OpenVPN protocol, wire format",
     {1194},
     {BYTES(openvpn_reset), {.width = 4, .at = 1, .reply_at = 14}}},
    {"mssql", "[MC-SQLR] 2.2.2", {1434}, {BYTES(mssql_browser)}},
    {"radius",
     "RFC 2865",
     {1645, 1812},
     {BYTES(radius_access), {.width = 1, .at = 1, .reply_at = 1}}},
    {"radius",
     "RFC 5997",
     {1646, 1813},
     {BYTES(radius_status), {.width = 1, .at = 1, .reply_at = 1}}},
    {"l2tp", "RFC 2661", {1701}, {BYTES(l2tp_start), {.width = 2, .at = 44, .reply_at = 4}}},
    {"ssdp", "UPnP Device Architecture 1.1, 1.3.2", {1900}, {TEXT(ssdp_search)}},
    {"nfs", "RFC 1813, RFC 5531", {2049}, {BYTES(nfs_version), {.width = 4}}},
    {"gtp",
     "3GPP TS 29.060, 7.2.1",
     {2123, 2152},
     {BYTES(gtp_echo), {.width = 2, .at = 8, .reply_at = 8}}},
    {"stun",
     "RFC 8489",
     {3478, 19302},
     {BYTES(stun_binding), {.width = 4, .at = 8, .reply_at = 8}}},
    {"ws-discovery",
     "WS-Discovery (April 2005)",
     {3702},
     {TEXT(ws_discovery), {.width = UDP_ID_HEX, .at = 323, .marker = "RelatesTo>urn:uuid:"}}},
    {"sip",
     "RFC 3261, 11",
     {5060},
     {TEXT(sip_options), {.width = UDP_ID_HEX, .at = 84, .marker = "branch=" SIP_BRANCH}}},
    {"nat-pmp", "RFC 6886, 3.2", {5351}, {BYTES(nat_pmp_address)}},
    {"mdns", "RFC 6762, RFC 6763, 9", {5353}, {BYTES(mdns_services), {.width = 2}}},
    {"coap",
     "RFC 7252, RFC 6690",
     {5683},
     {BYTES(coap_core), {.width = 2, .at = 2, .reply_at = 2}}},
    {"ubiquiti", "Ubiquiti discovery, as devices answer it", {10001}, {BYTES(ubiquiti_discovery)}},
    {"memcached",
     "memcached doc/protocol.txt, UDP protocol",
     {11211},
     {BYTES(memcached_version), {.width = 2}}},
    {"raknet",
     "RakNet, ID_UNCONNECTED_PING",
     {19132},
     {BYTES(raknet_ping), {.width = 4, .at = 1, .reply_at = 1}}},
    {"source engine", "Valve, Server queries", {27015}, {NUL_TEXT(source_info)}},
    {"quake 3", "Quake III Arena, networking", {27960}, {TEXT(quake_status)}},
    {"ethernet/ip",
     "CIP Networks Library, volume 2, 2-4.3",
     {44818},
     {BYTES(enip_identity), {.width = 4, .at = 12, .reply_at = 12}}},
    {"bacnet",
     "ASHRAE 135, 15.5",
     {47808},
     {BYTES(bacnet_vendor), {.width = 1, .at = 8, .reply_at = 7}}},
    {"mumble",
     "Mumble protocol, UDP ping",
     {64738},
     {BYTES(mumble_ping), {.width = 4, .at = 4, .reply_at = 4}}},
};

const size_t udp_request_count = sizeof udp_request_table / sizeof udp_request_table[0];
