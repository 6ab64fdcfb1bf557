/* Packets saved to a capture file.
 *
 * libpcap writes through a stdio stream of its own; the sink beside it makes way for the new file,
 * cuts what is torn, and carries all to the disk in the end. */
#include "output/pcap_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "output/sink.h"

enum {
    SNAP_LENGTH = 262144, /* as tcpdump has it */
    FILE_HEADER = 24,
    NS_PER_US = 1000,
    US_PER_SECOND = 1000000,
};

struct pcap_file {
    struct sink sink;
    pcap_t *handle; /* knows the kind of link */
    pcap_dumper_t *dumper;
    bool failed;
};

/* ---- where the whole packets end ---- */

/* Steps over all whole packets. Torn is what a killed writer leaves; anything else is damage. */
static int walk(pcap_t *reader, const struct sink *sink, uint64_t *end, struct error *err)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int status;
    do {
        *end = (uint64_t)ftello(pcap_file(reader));
        status = pcap_next_ex(reader, &header, &bytes);
    } while (status == 1);
    if (status == PCAP_ERROR_BREAK || strncmp(pcap_geterr(reader), "truncated", 9) == 0)
        return 0;
    return error_set(err, "'%s' is damaged at byte %llu (%s); name another file", sink->name,
                     (unsigned long long)*end, pcap_geterr(reader));
}

/* Finds the end of the last whole packet. Gives the longest packet that the file's header allows.
 */
static int find_end(const struct sink *sink, uint64_t *end, int *snap_length, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    FILE *stream = fopen(sink->name, "rbe");
    if (stream == NULL)
        return error_sys(err, errno, "cannot read '%s'", sink->name);
    pcap_t *reader = pcap_fopen_offline(stream, text);
    if (reader == NULL) {
        fclose(stream);
        return error_set(err, "cannot append to '%s': it is no capture file (%s)", sink->name,
                         text);
    }
    *snap_length = pcap_snapshot(reader);
    int result = walk(reader, sink, end, err);
    pcap_close(reader);
    return result;
}

/* Did a killed writer leave the file in its own header? */
static int is_begun(const struct sink *sink, struct error *err)
{
    static const uint32_t magic = 0xa1b2c3d4; /* in the byte order of the writer */
    uint8_t bytes[sizeof magic];
    size_t length = sink->size < sizeof bytes ? (size_t)sink->size : sizeof bytes;
    if (sink->size >= FILE_HEADER)
        return 0;
    if (sink_read(sink, 0, bytes, length, err) < 0)
        return -1;
    return memcmp(bytes, &magic, length) == 0;
}

/* ---- opening ---- */

static int no_handle(const struct pcap_file *file, struct error *err)
{
    return error_set(err, "no memory to write '%s'", file->sink.name);
}

static int make_handle(struct pcap_file *file, bool has_ethernet, int snap_length,
                       struct error *err)
{
    file->handle = pcap_open_dead(has_ethernet ? DLT_EN10MB : DLT_RAW, snap_length);
    return file->handle == NULL ? no_handle(file, err) : 0;
}

/* A stream over the sink's file; closing it leaves the sink open. */
static FILE *open_stream(const struct sink *sink)
{
    int fd = dup(sink->fd);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "wb");
    if (stream == NULL && fd >= 0)
        close(fd);
    return stream;
}

static int begin(struct pcap_file *file, bool has_ethernet, struct error *err)
{
    if (make_handle(file, has_ethernet, SNAP_LENGTH, err) < 0)
        return -1;
    FILE *stream = open_stream(&file->sink);
    if (stream == NULL)
        return no_handle(file, err);
    file->dumper = pcap_dump_fopen(file->handle, stream);
    if (file->dumper == NULL) /* the header could not be written: libpcap has closed the stream */
        return error_set(err, "cannot write to '%s': %s", file->sink.name,
                         pcap_geterr(file->handle));
    return pcap_file_flush(file, err);
}

/* libpcap refuses headers of another kind here, so nothing is cut off such a file. */
static int go_on(struct pcap_file *file, const struct pcap_file_setup *setup, char notice[256],
                 struct error *err)
{
    uint64_t end;
    int snap_length;
    if (find_end(&file->sink, &end, &snap_length, err) < 0 ||
        make_handle(file, setup->has_ethernet, snap_length, err) < 0)
        return -1;
    file->dumper = pcap_dump_open_append(file->handle, setup->path);
    if (file->dumper == NULL)
        return error_set(err, "cannot append to '%s': %s", setup->path, pcap_geterr(file->handle));
    snprintf(notice, 256, "going on behind the earlier packets in %s", setup->path);
    return sink_cut(&file->sink, end, err);
}

static int open_document(struct pcap_file *file, const struct pcap_file_setup *setup,
                         char notice[256], struct error *err)
{
    const struct sink *sink = &file->sink;
    bool earlier = setup->append && sink->regular && sink->owned && sink->size > 0;
    int begun = earlier ? is_begun(sink, err) : 0;
    if (begun < 0)
        return -1;
    if (begun && sink_cut(&file->sink, 0, err) < 0)
        return -1;
    return earlier && !begun ? go_on(file, setup, notice, err)
                             : begin(file, setup->has_ethernet, err);
}

static void release(struct pcap_file *file)
{
    if (file->dumper != NULL)
        pcap_dump_close(file->dumper);
    if (file->handle != NULL)
        pcap_close(file->handle);
    file->dumper = NULL;
    file->handle = NULL;
}

struct pcap_file *pcap_file_open(const struct pcap_file_setup *setup, char notice[256],
                                 struct error *err)
{
    notice[0] = '\0';
    struct pcap_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        error_set(err, "no memory to write '%s'", setup->path);
        return NULL;
    }
    int opened = setup->append ? sink_open_existing(&file->sink, setup->path, err)
                               : sink_open_new(&file->sink, setup->path, notice, err);
    if (opened < 0) {
        free(file);
        return NULL;
    }
    if (open_document(file, setup, notice, err) == 0)
        return file;
    release(file);
    sink_abandon(&file->sink);
    free(file);
    return NULL;
}

/* ---- writing ---- */

static int fail(struct pcap_file *file, struct error *err)
{
    if (file->failed)
        return error_set(err, "cannot write to '%s'", file->sink.name);
    file->failed = true;
    return error_sys(err, errno, "cannot write to '%s'", file->sink.name);
}

int pcap_file_add(struct pcap_file *file, uint64_t wall_ns, const uint8_t *frame, uint32_t length,
                  struct error *err)
{
    if (file->failed)
        return fail(file, err);
    uint64_t wall_us = wall_ns / NS_PER_US;
    uint32_t most = (uint32_t)pcap_snapshot(file->handle);
    const struct pcap_pkthdr header = {
        .ts = {.tv_sec = (time_t)(wall_us / US_PER_SECOND),
               .tv_usec = (suseconds_t)(wall_us % US_PER_SECOND)},
        .caplen = length < most ? length : most,
        .len = length,
    };
    pcap_dump((u_char *)file->dumper, &header, frame);
    return ferror(pcap_dump_file(file->dumper)) ? fail(file, err) : 0;
}

int pcap_file_flush(struct pcap_file *file, struct error *err)
{
    return file->failed || pcap_dump_flush(file->dumper) < 0 ? fail(file, err) : 0;
}

/* After a failure there may be a part of a packet at the end. */
static void cut_torn(struct pcap_file *file)
{
    uint64_t end;
    int snap_length;
    if (file->sink.regular && file->sink.owned &&
        find_end(&file->sink, &end, &snap_length, NULL) == 0)
        (void)sink_cut(&file->sink, end, NULL); /* what failed was reported already */
}

int pcap_file_close(struct pcap_file *file, struct error *err)
{
    if (file == NULL)
        return 0;
    int result = file->failed ? 0 : pcap_file_flush(file, err);
    release(file);
    if (file->failed) {
        cut_torn(file);
        sink_abandon(&file->sink);
    } else {
        result = sink_close(&file->sink, err);
    }
    free(file);
    return result;
}
