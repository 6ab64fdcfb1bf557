/* SNMP over UDP: what an agent answers to a request for its description and name (RFC 1157, RFC
 * 3416), and what it says of its engine (RFC 3412, RFC 3414; engine ids: RFC 3411, 5). */
#include <string.h>

#include "banner/ber.h"
#include "banner/datagrams.h"

enum { RESPONSE = 0xa2, VERSION_2C = 1, VERSION_3 = 3, OIDS_MAX = 32 };

/* Enterprise numbers (IANA) of those whose agents are met most often. */
static const struct {
    uint32_t number;
    const char *name;
} vendors[] = {
    {2, "IBM"},          {9, "Cisco"},         {11, "HP"},          {36, "DEC"},
    {42, "Sun"},         {43, "3Com"},         {63, "Apple"},       {94, "Nokia"},
    {119, "NEC"},        {171, "D-Link"},      {193, "Ericsson"},   {207, "Allied Telesis"},
    {211, "Fujitsu"},    {232, "Compaq"},      {253, "Xerox"},      {311, "Microsoft"},
    {318, "APC"},        {367, "Ricoh"},       {368, "Axis"},       {476, "Liebert"},
    {534, "Eaton"},      {641, "Lexmark"},     {674, "Dell"},       {789, "NetApp"},
    {890, "Zyxel"},      {1347, "Kyocera"},    {1588, "Brocade"},   {1602, "Canon"},
    {1916, "Extreme"},   {1991, "Foundry"},    {2011, "Huawei"},    {2021, "UCD-SNMP"},
    {2435, "Brother"},   {2636, "Juniper"},    {3375, "F5"},        {3902, "ZTE"},
    {4526, "Netgear"},   {6027, "Force10"},    {6486, "Alcatel"},   {6876, "VMware"},
    {8072, "net-snmp"},  {8741, "SonicWall"},  {12356, "Fortinet"}, {13742, "Raritan"},
    {14988, "MikroTik"}, {25461, "Palo Alto"}, {25506, "H3C"},      {30065, "Arista"},
    {41112, "Ubiquiti"},
};

/* Objects of the group "system" (RFC 1213), behind 1.3.6.1.2.1.1. */
static const uint8_t system_group[] = {43, 6, 1, 2, 1, 1};
static const char *const system_objects[] = {NULL,          "sysDescr",   "sysObjectID",
                                             "sysUpTime",   "sysContact", "sysName",
                                             "sysLocation", "sysServices"};

static const char *vendor_of(uint32_t number)
{
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
        if (vendors[i].number == number)
            return vendors[i].name;
    return NULL;
}

/* An object identifier with dots; the first byte holds two numbers. */
static void add_oid(struct text *text, struct reader oid)
{
    uint32_t number = 0;
    uint8_t first = reader_u8(&oid);
    text_number(text, first / 40);
    text_string(text, ".");
    text_number(text, first % 40);
    for (unsigned i = 0; i < OIDS_MAX && reader_left(&oid) > 0; i++) {
        uint8_t byte = reader_u8(&oid);
        number = number << 7 | (byte & 0x7fu);
        if (byte & 0x80)
            continue;
        text_string(text, ".");
        text_number(text, number);
        number = 0;
    }
}

static void add_name(struct text *text, const struct reader *oid)
{
    size_t length = reader_left(oid), group = sizeof system_group;
    text_blank(text);
    if (length == group + 2 && memcmp(oid->at, system_group, group) == 0 && oid->at[group] > 0 &&
        oid->at[group] < sizeof system_objects / sizeof *system_objects)
        text_string(text, system_objects[oid->at[group]]);
    else
        add_oid(text, *oid);
    text_string(text, "=");
}

/* Strings as they are, numbers as such, identifiers with dots; of others only the name. */
static void add_value(struct text *text, struct reader value, uint8_t tag)
{
    enum { COUNTER = 0x41, GAUGE = 0x42, TICKS = 0x43 };
    uint64_t number = 0;
    switch (tag) {
    case BER_STRING:
        text_bytes(text, value.at, reader_left(&value));
        break;
    case BER_OID:
        add_oid(text, value);
        break;
    case BER_INTEGER:
    case COUNTER:
    case GAUGE:
    case TICKS:
        while (reader_left(&value) > 0)
            number = number << 8 | reader_u8(&value);
        text_number(text, number);
        break;
    default:
        break;
    }
}

static void read_variables(struct reader *list, struct text *text)
{
    while (!list->failed && reader_left(list) > 0) {
        struct reader variable = ber_element(list, BER_SEQUENCE);
        struct reader name = ber_element(&variable, BER_OID);
        uint8_t tag = reader_left(&variable) > 0 ? *variable.at : 0;
        struct reader value = ber_element(&variable, tag);
        if (variable.failed || value.failed || name.failed || reader_left(&name) == 0)
            return;
        add_name(text, &name);
        add_value(text, value, tag);
    }
}

static void read_response(struct reader *message, struct text *text)
{
    (void)ber_element(message, BER_STRING); /* community */
    struct reader response = ber_element(message, RESPONSE);
    (void)ber_integer(&response); /* request id */
    uint32_t error = ber_integer(&response);
    (void)ber_integer(&response);
    if (message->failed || response.failed)
        return;
    if (error != 0)
        text_named_number(text, "error", error);
    struct reader list = ber_element(&response, BER_SEQUENCE);
    read_variables(&list, text);
}

/* The first four bytes are the vendor's number, with a bit for the newer form; in that a byte says
 * what follows. */
static void add_engine(struct text *text, struct reader id)
{
    enum { NEWER = 0x80, HARDWARE_ADDRESS = 3, MAC = 6 };
    text_string(text, "engine=");
    text_hex(text, id.at, reader_left(&id));
    bool is_newer = reader_left(&id) > 0 && (*id.at & NEWER);
    uint32_t number = reader_be32(&id) & 0x7fffffff;
    if (id.failed)
        return;
    text_named_number(text, "enterprise", number);
    if (vendor_of(number))
        text_named_string(text, "vendor", vendor_of(number));
    if (is_newer && reader_left(&id) == 1 + MAC && reader_u8(&id) == HARDWARE_ADDRESS) {
        text_named_string(text, "mac", "");
        text_hex(text, id.at, MAC);
    }
}

static void read_engine(struct reader *message, struct text *text)
{
    (void)ber_element(message, BER_SEQUENCE); /* global data */
    struct reader security = ber_element(message, BER_STRING);
    struct reader parameters = ber_element(&security, BER_SEQUENCE);
    struct reader id = ber_element(&parameters, BER_STRING);
    uint32_t boots = ber_integer(&parameters), seconds = ber_integer(&parameters);
    if (id.failed || parameters.failed || reader_left(&id) == 0)
        return;
    add_engine(text, id);
    text_named_number(text, "boots", boots);
    text_named_number(text, "seconds", seconds);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    struct reader message = ber_element(datagram, BER_SEQUENCE);
    uint32_t version = ber_integer(&message);
    if (message.failed || version > VERSION_3)
        return false;
    if (version <= VERSION_2C)
        read_response(&message, &text);
    else if (version == VERSION_3)
        read_engine(&message, &text);
    return datagram_tell(talk, APP_SNMP, &text);
}

const struct datagram_ops datagram_snmp = {
    .name = "snmp",
    .source = "RFC 1157, RFC 3416, RFC 3414",
    .app = APP_SNMP,
    .ports = {161, 1161},
    .understand = understand,
};
