/* Any file may stand where packets are to be appended: it is refused and stays as it is, or goes on
 * as a capture file that libpcap reads to its end, with all whole packets that it had and one more.
 *
 * The input stands in a folder of its own in memory, for files are renamed and cut there. */
#include "output/pcap_file.h"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_target.h"

static const uint8_t frame[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};

static char folder[] = "/dev/shm/pcap-append-XXXXXX";
static char path[sizeof folder + 8];

static void clean_up(void)
{
    unlink(path);
    rmdir(folder);
}

static void make_folder(void)
{
    if (path[0] != '\0')
        return;
    check(mkdtemp(folder) != NULL && atexit(clean_up) == 0);
    snprintf(path, sizeof path, "%s/capture", folder);
}

static void put_input(const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
}

static bool is_as_it_was(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    int fd = open(path, O_RDONLY);
    check(bytes != NULL && fd >= 0);
    bool same = read(fd, bytes, size + 1) == (ssize_t)size && memcmp(bytes, data, size) == 0;
    close(fd);
    free(bytes);
    return same;
}

/* The packets of a capture; *last is the last one's length. */
static long count_packets(uint32_t *last)
{
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *bytes;
    long count = 0;
    int got;
    pcap_t *file = pcap_open_offline(path, why);
    check(file != NULL);
    while ((got = pcap_next_ex(file, &header, &bytes)) == 1) {
        count++;
        *last = header->caplen;
    }
    pcap_close(file);
    return got == PCAP_ERROR_BREAK ? count : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char notice[256];
    struct error err = {0};
    make_folder();
    const struct pcap_file_setup setup = {.path = path, .has_ethernet = true, .append = true};
    put_input(data, size);
    struct pcap_file *file = pcap_file_open(&setup, notice, &err);
    if (file == NULL) {
        check_error(&err);
        check(is_as_it_was(data, size));
        return 0;
    }
    check(pcap_file_add(file, 1000000000, frame, sizeof frame, &err) == 0);
    check(pcap_file_close(file, &err) == 0);
    uint32_t last = 0;
    check(count_packets(&last) > 0 && last > 0);
    return 0;
}
