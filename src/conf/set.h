/* The setters and echoes that rows of the option table name, by type of value.
 *
 * All have the types of struct option's `set` and `echo`; an echo writes nothing if the value is
 * the default. */
#ifndef CONF_SET_H
#define CONF_SET_H

#include "base/buffer.h"
#include "base/error.h"
#include "conf/option.h"

#define SETTER(name) int name(const struct option_use *use, struct error *err)
#define ECHOER(name)                                                                               \
    void name(const struct conf *conf, const struct option *option, struct buffer *out)

/* set_value.c: flags, texts, choices (a bool or a char * at the row's offset) */
SETTER(set_flag);
SETTER(set_flag_off); /* true makes the field false */
SETTER(set_always);   /* no field: true is what is always done */
SETTER(set_text);
SETTER(set_choice); /* of the row's words; kept in the table's spelling */
SETTER(set_enum);   /* the place of the value among the row's words, from 0 */
ECHOER(echo_flag);
ECHOER(echo_text);
ECHOER(echo_enum);

/* set_number.c: a uint32_t, uint64_t at the offset, from the row's `least` to `most`; others */
SETTER(set_u32);
SETTER(set_u64);
SETTER(set_rate);    /* a double, and a bool at `presence` */
SETTER(set_seconds); /* a double, to the microsecond */
SETTER(set_wait);
SETTER(set_tcp_option); /* a uint32_t, and a bool at `presence`; enabled it is the row's `code` */
SETTER(set_seed);
SETTER(set_shard);
SETTER(set_pending);
ECHOER(echo_u32);
ECHOER(echo_positive); /* a uint32_t, unless it is 0 */
ECHOER(echo_u64);
ECHOER(echo_decimal); /* a double */
ECHOER(echo_wait);
ECHOER(echo_tcp_option);
ECHOER(echo_seed);
ECHOER(echo_shard);
ECHOER(echo_pending);

/* set_network.c: a struct range or struct mac_address at the offset, a bool at `presence`; or a
 * struct conf_adapter at the offset */
SETTER(set_adapter_ip);
SETTER(set_port_range);
SETTER(set_mac);
SETTER(set_router_ip);
ECHOER(echo_adapter_ip);
ECHOER(echo_port_range);
ECHOER(echo_mac);
ECHOER(echo_router_ip);

/* set_targets.c: a struct address_set or, of ports, a struct range_set at the offset */
SETTER(set_targets);
SETTER(set_resolve);
SETTER(set_resolved); /* a name, "=" and an address */
ECHOER(echo_resolved);
SETTER(set_target_file);
SETTER(set_ports);       /* without a prefix they are of the scan types of the command line */
SETTER(set_class_ports); /* ... of the class in the row's `code` */
SETTER(set_top_ports);
SETTER(set_port_class);
SETTER(set_connect_scan);
SETTER(set_ipv6);
ECHOER(echo_targets);
ECHOER(echo_ports);

/* set_output.c */
SETTER(set_output_format);
SETTER(set_output_filename);
SETTER(set_output); /* both at once, of the format in the row's `words` */
SETTER(set_output_all);
SETTER(set_webxml);
SETTER(set_no_stylesheet);
SETTER(set_show);
SETTER(set_noshow);
SETTER(set_open_only);
SETTER(set_status); /* true chooses the enum conf_status in the row's `code`, false takes it back */
ECHOER(echo_outputs);
ECHOER(echo_show);
ECHOER(echo_noshow);
ECHOER(echo_status);

/* set_period.c: spans of time in seconds, sizes in bytes, each with its units */
SETTER(set_period); /* a uint32_t at the offset */
SETTER(set_shift);  /* an int64_t at the offset, which may be negative */
SETTER(set_bytes);  /* a uint64_t at the offset, up to the row's `most` */
ECHOER(echo_shift);

/* set_banner.c */
SETTER(set_hello_file);
SETTER(set_hello_string);
SETTER(set_service_probes);
SETTER(set_capture);
SETTER(set_nocapture);
SETTER(set_http_header);
SETTER(set_host_name);      /* texts that must be a name of the DNS, */
SETTER(set_token);          /* a token of HTTP, */
SETTER(set_without_blanks); /* without blanks */
ECHOER(echo_hello_files);
ECHOER(echo_hello_strings);
ECHOER(echo_capture);
ECHOER(echo_nocapture);
ECHOER(echo_http_headers);

/* set_operation.c */
SETTER(set_action); /* the enum conf_action in the row's `code` */
SETTER(set_echo);   /* the same, and a bool at the offset that says how */
SETTER(set_readscan);
SETTER(set_conf);
SETTER(set_resume);
SETTER(set_verbose);

/* Reads a value of `text` as a boolean: true, yes, 1, on and nothing; false, no, 0, off. */
int value_bool(const char *text, bool *value, struct error *err);

/* The `length` bytes as decimal digits: 0 and *value, 1 if they are something else, 2 if it does
 * not fit. */
int value_digits(const char *text, size_t length, uint64_t *value);

/* Reads decimal digits only, from `least` to `most`. */
int value_number(const char *text, uint64_t least, uint64_t most, const char *unit, uint64_t *value,
                 struct error *err);

/* What cannot be written as one line of a config file could not be saved with the scan: refuses
 * empty texts and control characters. */
int value_check_text(const char *text, struct error *err);

/* Formats that write nothing to a file. */
bool output_needs_no_file(const char *format);

/* Ends the making of pairs: a last output that has a name but no format becomes xml. */
int output_settle_last(struct conf *conf, struct error *err);

/* Writes `text` and the line's end, in quotes if blanks at its ends or quotes around it would be
 * lost without. */
void echo_value(struct buffer *out, const char *text);

/* Writes the line `name = text`, in quotes if blanks at its ends or quotes around it would be lost
 * without. */
void echo_quoted(const struct option *option, struct buffer *out, const char *text);

/* Writes the line `name = text`, unless `text` is the row's default. */
void echo_line(const struct option *option, struct buffer *out, const char *text);

#endif
