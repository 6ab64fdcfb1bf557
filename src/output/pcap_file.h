/* Packets saved to a capture file, in libpcap's format: readable by tcpdump and all its kind. */
#ifndef OUTPUT_PCAP_FILE_H
#define OUTPUT_PCAP_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct pcap_file_setup {
    const char *path;  /* "-" is standard output */
    bool has_ethernet; /* frames begin with an Ethernet header, else with that of IP */
    bool append;       /* go on behind the packets of the file */
};

struct pcap_file;

/* Opens the file and writes its header. A regular file with content is first renamed to FILE.~N~,
 * unless it is appended to: then a packet that a killed writer left torn at its end is cut off, and
 * a file of another kind is refused and stays as it is. `notice` gets a line for the user, or "".
 * NULL and `err` on failure. */
struct pcap_file *pcap_file_open(const struct pcap_file_setup *setup, char notice[256],
                                 struct error *err);

/* Adds a packet that was received `wall_ns` nanoseconds after 1970; the file has microseconds. */
int pcap_file_add(struct pcap_file *file, uint64_t wall_ns, const uint8_t *frame, uint32_t length,
                  struct error *err);

/* Carries what is buffered to the file. */
int pcap_file_flush(struct pcap_file *file, struct error *err);

/* Flushes, fsyncs a regular file, closes, frees; reports what fails. If something failed before,
 * the file keeps its whole packets. */
int pcap_file_close(struct pcap_file *file, struct error *err);

#endif
